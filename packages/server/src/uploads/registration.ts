import type { NewJob } from '../jobs/new-job.ts';
import type { JobId } from '../lib/ids.ts';
import type { Kind } from '../lib/schema.ts';
import type { UploadPlan } from './plan-upload.ts';
import type { NewSession, UploadSession } from './session-rows.ts';

/** Durable bytes that become an asset. */
export type Registration = {
  session: Pick<
    UploadSession,
    'id' | 'asset_id' | 'owner_id' | 'collection' | 'entity_type' | 'entity_id' | 'purpose' | 'alt_text' | 'sort_order' | 'file_name' | 'replaces'
  >;
  /** Set for an upload whose session has no row yet: it is inserted now. */
  unopened?: NewSession | undefined;
  /** Set when no request has held the upload: it is registered only if that is so still and none of its bytes is recorded. */
  isUntouched?: boolean | undefined;
  /** The state of the rules that its size was checked by, where nobody has read them since it was opened: it is registered only if they hold still. */
  ruled?: string | undefined;
  /** Set when its object has no ledger row either: the row is inserted as stored, if the rules that the upload was planned with still hold. */
  isUnnamed?: boolean | undefined;
  sessionState: 'finalizing' | 'complete';
  /** The job that follows; queued by the same statement. */
  job?: RegisteredJob;
  kind: Kind;
  mimeType: string;
  source: { objectId: string; key: string; bytes: number; sha256: string | null; crc32?: number | null | undefined };
};
/** `traceparent`: the trace of its own request, for those that are registered with others. */
type RegisteredJob = NewJob & { id: JobId; singletonKey?: never; traceparent?: string | undefined };

/** The session as planned, for callers that did not read its row. */
export const plannedSession = (
  plan: UploadPlan,
  { id, assetId, ownerId, fileName }: Pick<NewSession, 'id' | 'assetId' | 'ownerId' | 'fileName'>,
): Registration['session'] => ({
  id,
  asset_id: assetId,
  owner_id: ownerId,
  collection: plan.collection.name,
  entity_type: plan.entity?.type ?? null,
  entity_id: plan.entity?.id ?? null,
  purpose: plan.purpose,
  alt_text: plan.altText,
  sort_order: plan.sortOrder,
  file_name: fileName,
  replaces: null,
});
