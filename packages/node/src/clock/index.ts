export { SystemClock } from "./systemClock.js";
