import type { Media } from '@safelight/contract/media';

import { hrefOf } from '../route/route.ts';
import { AiMark } from './ai-mark.tsx';

/** How it was made, where a machine made it here: the words and the pictures that it began from are told to its owner and to managers alone. */
export function GeneratedFacts({ media }: { media: Media }) {
  const { generated } = media;
  if (generated === null) return null;
  const { provider, model, jobId, index, seed, prompt, inputs = [] } = generated;
  return (
    <section className="generated-facts" aria-labelledby={`generated-${media.id}`}>
      <header className="section-head">
        <h3 id={`generated-${media.id}`}>How it was made</h3>
        <AiMark media={media} />
      </header>
      {prompt !== undefined && <blockquote>{prompt}</blockquote>}
      <dl className="record">
        <div>
          <dt>Model</dt>
          <dd>
            {provider}, {model}
          </dd>
        </div>
        {seed !== null && (
          <div>
            <dt>Seed</dt>
            <dd>{seed}</dd>
          </div>
        )}
        {inputs.length > 0 && (
          <div>
            <dt>Began from</dt>
            <dd>
              {inputs.map(({ mediaId, role }) => (
                <a key={`${mediaId} ${role}`} href={hrefOf('library', mediaId)}>
                  {role.replace('_', ' ')} {mediaId.slice(-8)}
                </a>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>Job</dt>
          <dd>
            <code>{jobId}</code>, output {index + 1}
          </dd>
        </div>
      </dl>
    </section>
  );
}
