import type { Media } from '@safelight/client';
import { useSafelightClient } from '@safelight/react';
import { useId, useState } from 'react';

import { wordsOf } from '../shared/words-of.ts';
import { destination } from './listing.ts';

/** Tells a seller the state of a photo, and what they can do about it. */
export function PhotoState({ photo, replacement }: { photo: Media; replacement: Media | undefined }): React.JSX.Element {
  const client = useSafelightClient();
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    setProblem(null);
    await work.catch((error: unknown) => setProblem(wordsOf(error)));
  };
  const canRetry = photo.failure?.retryable === true || photo.review === 'failed';
  return (
    <span>
      <span data-photo-state>{sayState(photo)}</span>
      {replacement && <span className="soft"> · {replacement.failure ? 'the new one failed' : 'a new one waits'}</span>}
      {problem !== null && <span className="problem"> {problem}</span>}
      <span className="row">
        {canRetry && <button onClick={() => void attempt(client.media.retry(photo.id))}>Try again</button>}
        <label htmlFor={id} className="button">
          Replace
        </label>
        <input
          id={id}
          type="file"
          accept="image/*,.heic"
          className="visually-hidden"
          onChange={({ target }) => {
            const [file] = target.files ?? [];
            if (file) void attempt(client.upload(file, destination, { replaces: photo.id }).result);
            target.value = '';
          }}
        />
      </span>
    </span>
  );
}

function sayState({ status, review, published, failure, reviewReason }: Media): string {
  if (published) return 'Live';
  if (failure) return failure.message;
  if (status !== 'ready') return 'Being prepared';
  if (review === 'queued') return 'Waiting to be looked at';
  if (review === 'rejected') return reviewReason ?? 'Not accepted';
  if (review === 'failed') return 'Could not be looked at';
  return 'Ready';
}
