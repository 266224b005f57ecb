// Simulates an hour and prints the most memory that this process ever had, in bytes.
import { simulate } from "@balsa/sim";
import { everyFault, HOUR_MS } from "./simulator.js";

const { ok, violations } = simulate(everyFault(7, HOUR_MS));
if (!ok) throw new Error(violations[0]?.message ?? "the run did not hold");
process.stdout.write(String(process.resourceUsage().maxRSS * 1_024));
