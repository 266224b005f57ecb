export { SUMMARY_FIELDS, summarizeEffects, type EffectsSummary } from "./effectsSummary.js";
export { MemberRecorder, type RecordedMember, type RecordingSink } from "./memberRecorder.js";
export { readRecordingPart, RecordingFormatError, type RecordedStep, type RecordingPart } from "./recordingPart.js";
