/**
 * How long other services may take, in milliseconds. Each value is defined here once, for every adapter to that kind of service. Values that depend
 * on the installation are settings instead (`config/`).
 */
export const patienceMs = {
  /** A bucket: until connected, and without a byte received. */
  storeConnect: 5_000,
  storeSilence: 30_000,
  /** How long failed objects are removed at once; after that the sweeper does it. */
  discard: 10_000,
  /**
   * Postgres: until a connection is free, before an unused one is closed, and before an unused one asks whether the other end is still there. Then
   * until a statement of a server or worker is answered: after that its connection counts as lost. A database that froze, or whose machine vanished
   * from the network, resets no connection.
   */
  databaseConnect: 10_000,
  databaseIdle: 30_000,
  databaseProbe: 10_000,
  databaseAnswer: 30_000,
  /** A statement that changes a whole collection at once. */
  databaseAnswerToAll: 600_000,
  redisConnect: 5_000,
  /** How long a shutdown waits for notifications being sent; a notification may be lost. */
  redisLastWords: 1_000,
  /** The whole answer of a webhook endpoint. */
  webhookAnswer: 15_000,
  /** The server that a file is imported from: until it answers, and without a byte received. */
  importAnswer: 15_000,
  importSilence: 30_000,
  cdnPurge: 15_000,
  /** The moderator that checks a prompt before it is sent. */
  promptModeration: 30_000,
  /** A provider that is asked whether it has a model. */
  modelLookup: 15_000,
  /** One request of `safelight doctor`, or of `/health`. */
  check: 5_000,
  /** The doctor's whole check of one store, of its CORS rules, or of the codecs. */
  checkStore: 60_000,
  checkCors: 20_000,
  checkCodecs: 30_000,
  /** `safelight media inspect`, per address. */
  inspectAddress: 10_000,
  /** A program that reports its ffmpeg version. */
  engineVersion: 20_000,
} as const;
