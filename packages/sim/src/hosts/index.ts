export { HOST_FAULTS, type HostFault, type HostsReport, type HostsScenario } from "./hostsScenario.js";
export { simulateHosts } from "./simulateHosts.js";
