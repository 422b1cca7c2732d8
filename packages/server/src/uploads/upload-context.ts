import type { Readable } from 'node:stream';

import type { AssetContext } from '../assets/read-media.ts';
import type { Tx } from '../lib/context.ts';
import type { Kind } from '../lib/schema.ts';
import type { Signing } from '../lib/signing.ts';
import type { Ceilings } from '../policy/collection.ts';
import type { UnavailableType } from '../policy/unavailable-types.ts';
import type { Stores } from '../storage/stores.ts';
import type { ClaimedPlace } from './claim-place-of.ts';

/** What the bytes are, as their first kilobytes say; refuses what they are not. Told by the room that knows media. */
export type Identify = (
  head: Buffer,
  declared: { contentType: string | null; fileName: string },
  acceptedTypes: readonly string[],
) => { kind: Kind; mimeType: string };

/** Looks at all bytes of a file for malware and answers the name of what was found. Throws when it could not look. */
export type Scan = (body: Readable, options: { signal: AbortSignal }) => Promise<{ found: string | null }>;

/** How many bytes of a file must be known before anybody can say what it is. */
export const headBytes = 65_536;

export type UploadContext = AssetContext & {
  stores: Stores;
  ceilings: Ceilings;
  uploadExpirySeconds: number;
  identify: Identify;
  /** What this machine cannot decode; filled in a moment after the start. */
  unavailableTypes: readonly UnavailableType[];
  /** Null where no malware scan is required. */
  scan: Scan | null;
  /** Takes the place of an asset for what is about to replace it; all but `except` that waits for it is superseded. */
  claimPlace(ctx: AssetContext, tx: Tx, id: string, except?: string): Promise<ClaimedPlace>;
  signing: Signing;
  /** The address that clients reach this server under, without a slash at its end. */
  baseURL: string;
};
