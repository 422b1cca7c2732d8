import type { Media } from '@safelight/contract/media';

import { Icon } from '../parts/icon.tsx';
import { useClient } from '../session/session.ts';
import { useAct } from '../shell/use-act.ts';
import { CaptionsForm } from './captions-form.tsx';

type CaptionsProps = { media: Media; mayWrite: boolean; onChange: () => void };

/** The captions of a video, and a way to add, replace and remove them. */
export function Captions({ media: { id, captions, status }, mayWrite, onChange }: CaptionsProps) {
  const client = useClient();
  const { busy, act } = useAct(onChange);
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
          {captions.map(({ language, label, src }) => (
            <li key={language}>
              <a href={src} target="_blank" rel="noreferrer">
                {label ?? language}
              </a>
              {label !== null && <code>{language}</code>}
              {mayChange && (
                <button
                  className="icon-button"
                  type="button"
                  disabled={busy}
                  aria-label={`Remove the captions in ${label ?? language}`}
                  title="Remove"
                  onClick={() =>
                    void act(`The captions in ${label ?? language} could not be removed`, () => client.request('deleteCaptions', { params: { id, language } }))
                  }
                >
                  <Icon name="trash" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayChange && (
        <details>
          <summary className="button small">Add captions</summary>
          <CaptionsForm id={id} languages={captions.map(({ language }) => language)} onSaved={onChange} />
        </details>
      )}
    </section>
  );
}
