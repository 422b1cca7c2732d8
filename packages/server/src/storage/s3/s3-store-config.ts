export type S3StoreConfig = {
  provider: 's3';
  executionTarget: 'cloud' | 'emulator';
  /** The bucket. */
  location: string;
  /** Other providers than AWS ignore it, but it must be signed. */
  region: string;
  /** For everything that is not AWS itself: R2, MinIO, Ceph, Lightsail, an emulator. */
  endpoint?: string;
  /** Bucket in the path instead of the host name; by default exactly when there is an `endpoint`. */
  pathStyle?: boolean;
  /** Without them the SDK's own chain is asked: environment, profile, container or instance role. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Where anybody may read the bucket: a CDN or a public bucket's own address. */
  publicBaseUrl?: string;
  /** For providers that ask for parts of one size, as R2 does. */
  equalParts?: boolean;
  /** When a silent provider is given up, in milliseconds; by default as for every store. */
  idleTimeoutMs?: number;
};
