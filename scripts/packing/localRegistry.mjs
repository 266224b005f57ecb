// A registry of packages on loopback that has just what is on this machine, so that an installation from it needs no network.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/**
 * @param {readonly import("./tarballs.mjs").Tarball[]} tarballs
 * @param {ReadonlyMap<string, object>} manifests by name
 * @returns {Promise<{ url: string, missing: Set<string>, close: () => void }>}
 */
export async function startRegistry(tarballs, manifests) {
  const byName = new Map(tarballs.map((tarball) => [tarball.name, tarball]));
  const byFile = new Map(tarballs.map((tarball) => [basename(tarball.file), tarball]));
  /** @type {Set<string>} */
  const missing = new Set();
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "/").slice(1));
    const file = byFile.get(path.replace("-/", ""));
    const tarball = byName.get(path);
    if (file !== undefined) {
      response.end(readFileSync(file.file));
    } else if (tarball !== undefined) {
      const { name, version, integrity } = tarball;
      const dist = { integrity, tarball: `http://${request.headers.host ?? ""}/-/${basename(tarball.file)}` };
      const manifest = { ...manifests.get(name), dist };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: manifest } }));
    } else {
      if (request.method === "GET") missing.add(path);
      response.writeHead(404).end("{}");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${address.port}/`, missing, close: () => server.close() };
}
