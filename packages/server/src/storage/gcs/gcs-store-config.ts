export type GcsStoreConfig = {
  provider: 'gcs';
  executionTarget: 'cloud' | 'emulator';
  /** The bucket. */
  location: string;
  /** The JSON of a service account's key; without it the default credentials of the machine are used. */
  serviceAccountJson?: string;
  /** For an emulator. */
  endpoint?: string;
  publicBaseUrl?: string;
  /** When a silent provider is given up, in milliseconds; by default as for every store. */
  idleTimeoutMs?: number;
};
