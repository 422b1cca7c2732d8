import { sessionRowOf, type NewSession, type SessionObject, type UploadSession } from './session-rows.ts';

/** The whole row of a session that was inserted at this moment: to read its thirty columns back would cost more than the rest of the answer. */
export const sessionAsOpened = (session: NewSession, openedAt: Date): UploadSession => ({
  ...sessionRowOf(session),
  received_bytes: 0,
  job_id: null,
  failure: null,
  lock_holder: null,
  lock_until: null,
  next_part: 1,
  tail_object_id: null,
  tail_bytes: 0,
  created_at: openedAt,
  updated_at: openedAt,
});

/** Its object. */
export const objectAsOpened = (session: NewSession): SessionObject => ({
  id: session.objectId,
  ...session.locator,
  bytes: null,
  sha256: null,
  crc32: null,
  state: 'writing',
});
