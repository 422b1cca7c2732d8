import { MediaImage, MediaVideo, useGenerate, useMediaLibrary, useSafelightClient, type GenerateRequest } from '@safelight/react';
import { useCallback, useEffect, useState } from 'react';

import { wordsOf } from '../shared/words-of.ts';
import type { Model } from './generate-fields.tsx';
import { GenerateForm } from './generate-form.tsx';

const kept = 'studio-job';

/** A prompt, the live job, and its result. After a reload the page finds the job again. */
export function GeneratePage(): React.JSX.Element {
  const { generate, follow, cancel, job, media, failures, isGenerating, error, usage } = useGenerate();
  const library = useMediaLibrary({ collection: 'user.library', kind: 'image' });
  const { models, away, ask } = useModels();
  useEffect(() => {
    const running = sessionStorage.getItem(kept);
    // A rejection is also shown as `error`.
    if (running !== null) follow(running).catch(() => undefined);
  }, [follow]);
  useEffect(() => {
    if (job === null) return;
    // What was refused or cancelled is not told of again after a reload.
    if (job.state === 'failed' || job.state === 'cancelled') sessionStorage.removeItem(kept);
    else sessionStorage.setItem(kept, job.id);
  }, [job]);

  const progress = job?.progress ?? undefined;
  const submit = (asked: GenerateRequest): void => void generate(asked).catch(() => undefined);
  return (
    <>
      <h1>Generate</h1>
      {away !== null && (
        <p className="problem row" role="alert">
          {away}
          <button onClick={ask}>Try again</button>
        </p>
      )}
      <GenerateForm models={models} library={library.items} isGenerating={isGenerating} onSubmit={submit} onCancel={() => void cancel()} />
      {usage && (
        <p className="soft" data-usage>
          {usage.images.used} of {usage.images.limit ?? 'any number of'} pictures and {usage.videoSeconds.used} of {usage.videoSeconds.limit ?? 'any number of'}{' '}
          seconds of video today. The count starts again at {new Date(usage.resetsAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}.
        </p>
      )}
      <div role="status">
        {isGenerating && (
          <>
            <p className="said">{job?.message ?? 'Waiting for its turn'}</p>
            <progress aria-label="Progress" max={1} value={progress} />
          </>
        )}
        {error && <p className={job?.state === 'cancelled' ? 'soft' : 'problem'}>{error.detail}</p>}
        {media.length > 0 && <p className="visually-hidden">{media.length === 1 ? 'One result' : `${media.length} results`}</p>}
        {failures.map(({ index, message }) => (
          <p key={index} className="problem">
            Picture {index + 1}: {message}
          </p>
        ))}
      </div>
      <ul className="pictures" aria-label="Results">
        {media.map((one) => (
          <li key={one.id}>{one.kind === 'video' ? <MediaVideo media={one} /> : <MediaImage media={one} alt={one.generated?.prompt ?? ''} />}</li>
        ))}
      </ul>
    </>
  );
}

/** What can be asked of whom; where the server is away, it can be asked again. */
function useModels() {
  const client = useSafelightClient();
  const [models, setModels] = useState<readonly Model[]>([]);
  const [away, setAway] = useState<string | null>(null);
  const ask = useCallback(() => {
    client.generate.models().then(
      (known) => {
        setModels(known);
        setAway(null);
      },
      (reason: unknown) => setAway(wordsOf(reason)),
    );
  }, [client]);
  useEffect(ask, [ask]);
  return { models, away, ask };
}
