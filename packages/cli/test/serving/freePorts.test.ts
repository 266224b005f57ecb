import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePorts, whyNotFree } from "../../src/serving/freePorts.js";

test("free ports are each given once, and none that the system hands out by itself", async () => {
  const found = [...(await freePorts(20)), ...(await freePorts(20))];
  expect(new Set(found).size).toBe(40);
  for (const port of found) {
    expect(port).toBeGreaterThan(1023);
    expect(port).toBeLessThan(32_768);
  }
});

test("a port that is listened on is passed over", async () => {
  const [first] = await freePorts(1);
  const taken = createServer().listen(first! + 1, "127.0.0.1");
  await once(taken, "listening");
  expect(await whyNotFree(first! + 1)).toMatchObject({ code: "EADDRINUSE" });
  expect(await freePorts(3)).not.toContain(first! + 1);
  taken.close();
});

test("more than there are is an error", async () => {
  await expect(freePorts(1_000)).rejects.toThrow(/no 1000 free ports/u);
});
