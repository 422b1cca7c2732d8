import type { Media } from '@safelight/contract/media';

/** The status in one word: what a person has to know first about a record. */
export function StatusBadge({ media }: { media: Media }) {
  const { word, tone } = describeStatus(media);
  return (
    <span className="badge" data-tone={tone}>
      {word}
    </span>
  );
}

type Described = { word: string; tone: 'good' | 'bad' | 'busy' | 'plain' };

export function describeStatus({ status, review, published, replaces, deletedAt }: Media): Described {
  if (deletedAt !== null) return { word: 'Deleted', tone: 'plain' };
  switch (status) {
    case 'pending':
      return { word: 'Waiting', tone: 'busy' };
    case 'processing':
      return { word: 'Processing', tone: 'busy' };
    case 'failed':
      return { word: 'Failed', tone: 'bad' };
    case 'ready':
      if (review === 'queued') return { word: 'Waits for review', tone: 'busy' };
      if (review === 'rejected') return { word: 'Rejected', tone: 'bad' };
      if (review === 'failed') return { word: 'Review failed', tone: 'bad' };
      if (replaces !== null) return { word: 'Replacement', tone: 'busy' };
      return published ? { word: 'Published', tone: 'good' } : { word: 'Ready', tone: 'good' };
    default:
      return status satisfies never;
  }
}
