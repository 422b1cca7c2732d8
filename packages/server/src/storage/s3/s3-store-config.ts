export type S3StoreConfig = {
  provider: 's3';
  executionTarget: 'cloud' | 'emulator';
  /** The bucket. */
  location: string;
  /** Providers other than AWS ignore it, but it must be signed. */
  region: string;
  /** For every provider other than AWS: R2, MinIO, Ceph, Lightsail, an emulator. */
  endpoint?: string;
  /** Puts the bucket into the path instead of the host name; by default exactly when there is an `endpoint`. */
  pathStyle?: boolean;
  /** By default the SDK's own chain is used: environment, profile, container or instance role. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** The address where anybody may read the bucket: a CDN or the public bucket itself. */
  publicBaseUrl?: string;
  /** For providers that require parts of equal size, as R2 does. */
  equalParts?: boolean;
  /** After how many silent milliseconds a request is given up; defaults to the value of every store. */
  idleTimeoutMs?: number;
};
