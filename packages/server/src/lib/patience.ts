/**
 * How long other services may keep us waiting, in milliseconds. Each is said here once, for every adapter to a service of its kind. What
 * depends on the installation is a setting instead (`config/`).
 */
export const patienceMs = {
  /** A bucket: until it is connected, and without a byte from it. */
  storeConnect: 5_000,
  storeSilence: 30_000,
  /** Objects that were made in vain are removed at once for so long; after that the sweeper does it. */
  discard: 10_000,
  /** Postgres: until a connection is free, and before an unused one is closed. */
  databaseConnect: 10_000,
  databaseIdle: 30_000,
  redisConnect: 5_000,
  /** A stop waits so long for what is being said; a hint may be lost. */
  redisLastWords: 1_000,
  /** The whole answer of an endpoint that is told of an event. */
  webhookAnswer: 15_000,
  /** The server that a file is imported from: until it answers, and without a byte from it. */
  importAnswer: 15_000,
  importSilence: 30_000,
  cdnPurge: 15_000,
  /** The moderator that checks a prompt before it is sent. */
  promptModeration: 30_000,
  /** A provider that is asked whether it has a model. */
  modelLookup: 15_000,
  /** One request of `safelight doctor`, or of `/health`. */
  check: 5_000,
  /** All that the doctor asks of one store, of its rules for other origins, and of the codecs. */
  checkStore: 60_000,
  checkCors: 20_000,
  checkCodecs: 30_000,
  /** `safelight media inspect`, of one address. */
  inspectAddress: 10_000,
  /** A program that says which version of ffmpeg it is. */
  engineVersion: 20_000,
} as const;
