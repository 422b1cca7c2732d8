export type AzureStoreConfig = {
  provider: 'azure';
  executionTarget: 'cloud' | 'emulator';
  /** The container. */
  location: string;
  /** With an account key, which signs URLs too. */
  connectionString?: string;
  /** Instead of a connection string: the account's address, with the machine's identity (needs `@azure/identity`). */
  accountUrl?: string;
  publicBaseUrl?: string;
  connectTimeoutMs?: number;
  idleTimeoutMs?: number;
};
