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
  /** With every request of an upload: only a refusal ends it at once. */
  patience: Patience;
  /** Shut while the upload is paused; only a protocol that can go on in the middle asks it. */
  gate: Gate;
  /** What part of the bytes has left this machine, 0–1. */
  onSent: (fraction: number) => void;
};

/** What every way in ends with: the record, and the job that works on it unless it is ready already. */
export type Accepted = { media: Media; jobId: string | null; path: string | null };

/** Brings one file to the server. All protocols end in the same `Accepted`, so the rest of an upload does not know which it was. */
export type UploadProtocol = (input: ProtocolInput) => Promise<Accepted>;
