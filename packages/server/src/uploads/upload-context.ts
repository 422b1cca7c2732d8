import type { AssetContext } from '../assets/read-media.ts';
import type { Signing } from '../lib/signing.ts';
import type { Ceilings } from '../policy/collection.ts';
import type { UnavailableType } from '../policy/unavailable-types.ts';
import type { Scan } from '../scanning/scan.ts';
import type { Stores } from '../storage/stores.ts';

export type UploadContext = AssetContext & {
  stores: Stores;
  ceilings: Ceilings;
  uploadExpirySeconds: number;
  /** What this machine cannot decode; filled in a moment after the start. */
  unavailableTypes: readonly UnavailableType[];
  /** Null where no malware scan is required. */
  scan: Scan | null;
  signing: Signing;
  /** The address that clients reach this server under, without a slash at its end. */
  baseURL: string;
};
