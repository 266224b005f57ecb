/** What is used of a logger; one of pino's fits. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const SILENT_LOGGER: Logger = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
});

/** The same logger, where each line names the group that it is about. */
export function forGroup(logger: Logger, group: number): Logger {
  return {
    debug: (fields, message) => logger.debug({ group, ...fields }, message),
    info: (fields, message) => logger.info({ group, ...fields }, message),
    warn: (fields, message) => logger.warn({ group, ...fields }, message),
    error: (fields, message) => logger.error({ group, ...fields }, message),
  };
}
