export type AzureStoreConfig = {
  provider: 'azure';
  executionTarget: 'cloud' | 'emulator';
  /** The container. */
  location: string;
  /** With an account key, which signs URLs too; with a shared access signature instead, uploads and downloads go through Safelight. */
  connectionString: string;
  /** Where anybody may read the container: a CDN or a public container's own address. */
  publicBaseUrl?: string;
  /** When a silent provider is given up, in milliseconds; by default as for every store. */
  idleTimeoutMs?: number;
};
