import type { UploadSnapshot } from '@safelight/client';
import type { Media } from '@safelight/contract/media';

import { describeBytes } from '../format/describe-bytes.ts';
import type { UploadItem } from './upload-queue.ts';

/** Where an upload is, in words. */
export function describeUpload({ stage }: UploadItem, snapshot: UploadSnapshot | null): string {
  if (stage === 'looked-at') return 'Looking at the file';
  if (stage === 'held') return 'Held back';
  if (snapshot === null) return 'Waiting for its turn';
  const { state, progress, bytesSent, bytesTotal, message, media, waitingFor } = snapshot;
  if (waitingFor !== null) return `${message ?? 'Waiting'} · goes on by itself`;
  const percent = progress === null ? '' : ` ${Math.round(progress * 100)} %`;
  switch (state) {
    case 'checking':
      return 'Asking for the rules';
    case 'uploading':
      return `Uploading${percent} · ${describeBytes(bytesSent)} of ${describeBytes(bytesTotal)}`;
    case 'processing':
      return `Processing${percent}${message === null ? '' : ` · ${message}`}`;
    case 'done':
      return media === null ? 'Ready' : describeOutcome(media);
    case 'failed':
      return 'Failed';
    case 'aborted':
      return 'Cancelled';
    default:
      return state satisfies never;
  }
}

function describeOutcome({ variants, published }: Media): string {
  const all = Object.values(variants);
  const bytes = all.reduce((sum, { byteSize }) => sum + byteSize, 0);
  return [published ? 'Published' : 'Ready', all.length === 0 ? '' : `${all.length} variants, ${describeBytes(bytes)} together`].filter(Boolean).join(' · ');
}
