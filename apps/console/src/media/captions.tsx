import type { Media } from '@safelight/contract/media';
import { useRef } from 'react';

import { CaptionsForm } from './captions-form.tsx';
import { CaptionsRow } from './captions-row.tsx';

type CaptionsProps = { media: Media; mayWrite: boolean; onChange: () => void };

/** The captions of a video, and a way to add, replace and remove them. */
export function Captions({ media: { id, captions, status }, mayWrite, onChange }: CaptionsProps) {
  const add = useRef<HTMLElement>(null);
  const mayChange = mayWrite && status === 'ready';
  if (captions.length === 0 && !mayChange) return null;
  return (
    <section className="captions" aria-labelledby={`captions-${id}`}>
      <header className="section-head">
        <h3 id={`captions-${id}`}>Captions</h3>
        {captions.length === 0 && <p className="fine">None yet. WebVTT and SubRip (.srt) files are accepted.</p>}
      </header>
      {captions.length > 0 && (
        <ul>
          {captions.map((one) => (
            <CaptionsRow
              key={one.language}
              mediaId={id}
              captions={one}
              mayChange={mayChange}
              onChange={onChange}
              // The row goes away, and the focus with it.
              onRemoved={() => add.current?.focus()}
            />
          ))}
        </ul>
      )}
      {mayChange && (
        <details>
          <summary ref={add} className="button small">
            Add captions
          </summary>
          <CaptionsForm id={id} languages={captions.map(({ language }) => language)} onSaved={onChange} />
        </details>
      )}
    </section>
  );
}
