import { describeNetwork } from "../../../../test/seams/networkSuite.js";
import { SILENT_LOGGER, TcpNetwork } from "../../src/index.js";

async function listen(id: string): Promise<TcpNetwork> {
  return TcpNetwork.listen({
    id,
    clusterId: "balsa",
    group: 1,
    listen: "127.0.0.1:0",
    addresses: new Map(),
    insecure: false,
    logger: SILENT_LOGGER,
    onEvent: () => undefined,
    onClient: (connection) => connection.destroy(),
  });
}

describeNetwork("TCP", async () => {
  const [a, b] = [await listen("a"), await listen("b")];
  a.setAddress("b", b.address);
  b.setAddress("a", a.address);
  return {
    a,
    b,
    settle: () => new Promise((resolve) => setTimeout(resolve, 1)),
    close: async () => {
      await a.close();
      await b.close();
    },
  };
});
