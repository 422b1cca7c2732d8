import type { Media } from '@safelight/contract/media';
import type { FileUpload } from '@safelight/react/hooks';

import { describeBytes } from '@safelight/contract/describe-bytes';

/** Where an upload is, in words. */
export function describeUpload({ state, task }: FileUpload): string {
  if (state === 'looked-at') return 'Looking at the file';
  if (state === 'held') return 'Held back';
  if (state === 'aborted') return 'Cancelled';
  if (state === 'waiting' || task === null) return 'Waiting for its turn';
  const { progress, bytesSent, bytesTotal, message, media, waitingFor } = task;
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
    default:
      return state satisfies never;
  }
}

function describeOutcome({ variants, published }: Media): string {
  const all = Object.values(variants);
  const bytes = all.reduce((sum, { byteSize }) => sum + byteSize, 0);
  return [published ? 'Published' : 'Ready', all.length === 0 ? '' : `${all.length} variants, ${describeBytes(bytes)} together`].filter(Boolean).join(' · ');
}
