export type AzureStoreConfig = {
  provider: 'azure';
  executionTarget: 'cloud' | 'emulator';
  /** The container. */
  location: string;
  /** With an account key, which also signs URLs; with a shared access signature instead, uploads and downloads go through Safelight. */
  connectionString: string;
  /** The address where anybody may read the container: a CDN or the public container itself. */
  publicBaseUrl?: string;
  /** After how many silent milliseconds a request is given up; defaults to the value of every store. */
  idleTimeoutMs?: number;
};
