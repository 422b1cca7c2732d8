import type { AssetSite } from '../assets/read-media.ts';
import type { Context } from '../lib/context.ts';
import type { Signing } from '../lib/signing.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import type { RecordingsHere } from '../policy/recordings-here.ts';
import type { UnavailableType } from '../policy/unavailable-types.ts';
import type { Scan } from '../scanning/scan.ts';
import type { StoreSite } from '../storage/stores.ts';

export type UploadSite = AssetSite &
  StoreSite & {
    ceilings: Ceilings;
    uploadExpirySeconds: number;
    /** Types that this machine cannot decode; filled in a moment after the start. */
    unavailableTypes: readonly UnavailableType[];
    recordingsHere?: RecordingsHere | undefined;
    /** Null when no malware scan is required. */
    scan: Scan | null;
    signing: Signing;
    /** The address under which clients reach this server, without a trailing slash. */
    baseURL: string;
  };

export type UploadContext = Context<UploadSite>;
