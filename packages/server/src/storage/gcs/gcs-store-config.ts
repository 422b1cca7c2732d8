export type GcsStoreConfig = {
  provider: 'gcs';
  executionTarget: 'cloud' | 'emulator';
  /** The bucket. */
  location: string;
  /** The JSON of a service account's key; by default, the machine's own credentials are used. */
  serviceAccountJson?: string;
  /** For an emulator. */
  endpoint?: string;
  publicBaseUrl?: string;
  /** After how many silent milliseconds a request is given up; defaults to the value of every store. */
  idleTimeoutMs?: number;
};
