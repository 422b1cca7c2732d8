import type { AssetContext } from '../assets/read-media.ts';
import type { Kind } from '../lib/schema.ts';
import type { Signing } from '../lib/signing.ts';
import type { Ceilings } from '../policy/collection.ts';
import type { Stores } from '../storage/stores.ts';

/** What the bytes are, as their first kilobytes say; refuses what they are not. Told by the room that knows media. */
export type Identify = (
  head: Buffer,
  declared: { contentType: string | null; fileName: string },
  acceptedTypes: readonly string[],
) => { kind: Kind; mimeType: string };

/** How many bytes of a file must be known before anybody can say what it is. */
export const headBytes = 65_536;

export type UploadContext = AssetContext & {
  stores: Stores;
  ceilings: Ceilings;
  uploadExpirySeconds: number;
  identify: Identify;
  signing: Signing;
  /** The address that clients reach this server under, without a slash at its end. */
  baseURL: string;
};
