import type { Destination, Media } from '@safelight/contract/api';
import type { Connection } from '../request.ts';
import type { Patience } from '../retry.ts';
import type { Gate } from './gate.ts';

export type ProtocolInput = {
  connection: Connection;
  blob: Blob;
  filename: string;
  destination: Destination;
  idempotencyKey: string | undefined;
  signal: AbortSignal;
  /** Used with every request of an upload: only a refusal ends the upload at once. */
  patience: Patience;
  /** Closed while the upload is paused; only used by a protocol that can continue in the middle of a file. */
  gate: Gate;
  /** The fraction of the bytes that has left this machine, 0–1. */
  onSent: (fraction: number) => void;
};

/** The result of every protocol: the record, and the job that processes it unless it is already ready. */
export type Accepted = { media: Media; jobId: string | null; path: string | null };

/** Sends one file. All protocols return the same `Accepted`, so the rest of an upload does not depend on them. */
export type UploadProtocol = (input: ProtocolInput) => Promise<Accepted>;
