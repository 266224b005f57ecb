export { TcpNetwork, type TcpNetworkOptions } from "./tcpNetwork.js";
