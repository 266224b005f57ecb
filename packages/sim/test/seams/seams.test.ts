import { describeClock } from "../../../../test/seams/clockSuite.js";
import { describeDisk } from "../../../../test/seams/diskSuite.js";
import { describeNetwork } from "../../../../test/seams/networkSuite.js";
import { NodeClock, NodeProcess, RandomStreams, SimulatedNetwork, VirtualTime } from "../../src/substrate.js";
import { diskWorld } from "../substrate/diskWorld.js";

describeDisk("simulated", () => {
  const world = diskWorld();
  return {
    disk: world.mounted(),
    settle: () => {
      while (world.time.runNext());
      return Promise.resolve();
    },
    close: () => undefined,
  };
});

for (const [name, soonAfterMs] of [
  ["virtual", null],
  ["virtual, of a process that puts things off", () => 0.5],
] as const) {
  describeClock(name, () => {
    const time = new VirtualTime();
    const clock = new NodeClock(time).attach(new NodeProcess("a", time), soonAfterMs);
    return {
      clock,
      pass: (ms) => {
        time.runUntil(time.now + ms);
        return Promise.resolve();
      },
    };
  });
}

describeNetwork("simulated", () => {
  const time = new VirtualTime();
  const network = new SimulatedNetwork(time, new RandomStreams(1));
  return Promise.resolve({
    a: network.attach(new NodeProcess("a", time)),
    b: network.attach(new NodeProcess("b", time)),
    settle: () => {
      time.runUntil(time.now + 1);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
