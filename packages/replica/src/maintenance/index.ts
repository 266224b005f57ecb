export { inLaterTerm, latestConfiguration, withOnlyMember } from "./forcedContent.js";
export { contentOf } from "./logContent.js";
