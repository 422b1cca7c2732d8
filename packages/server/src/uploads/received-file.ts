import type { Kind } from '../lib/schema.ts';
import type { Locator } from '../storage/locator.ts';
import type { UploadPlan } from './plan-upload.ts';
import type { NewSession } from './session-rows.ts';

/** Durable bytes in the staging store whose type was identified; not yet an asset. */
export type ReceivedFile = {
  uploadId: string;
  assetId: string;
  objectId: string;
  locator: Locator;
  plan: UploadPlan;
  fileName: string;
  kind: Kind;
  mimeType: string;
  bytes: number;
  sha256: string | null;
  crc32?: number | undefined;
  /** Its session, if that has no row yet. */
  unopened?: NewSession | undefined;
  /** Set when the bytes have neither name nor ledger row yet: the row comes with the asset, and the name after that. */
  isUnnamed?: boolean | undefined;
  /** The bytes, where they were in memory as a whole: `again` reads them. */
  pieces?: readonly Buffer[] | undefined;
  /** Receives the file anew under the rules of now. Set when it was received under remembered ones that nobody has checked yet. */
  again?: (() => Promise<ReceivedFile>) | undefined;
};
