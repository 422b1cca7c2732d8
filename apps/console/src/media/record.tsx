import type { Media } from '@safelight/contract/media';

import { CopyButton } from '../parts/copy-button.tsx';
import { fieldsOf } from './fields-of.ts';

/** The record in readable form, and as the JSON that the API answers. */
export function Record({ media }: { media: Media }) {
  const json = (): string => JSON.stringify(media, null, 2);
  return (
    <section aria-labelledby={`record-${media.id}`}>
      <header className="section-head">
        <h3 id={`record-${media.id}`}>Record</h3>
        <CopyButton text={json}>Copy JSON</CopyButton>
      </header>
      <dl className="record">
        {fieldsOf(media).map(({ name, value, code }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{code === true ? <code>{value}</code> : value}</dd>
          </div>
        ))}
      </dl>
      <details className="json">
        <summary>As JSON</summary>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that a keyboard can scroll it */}
        <pre tabIndex={0} aria-label="The record as JSON">
          {json()}
        </pre>
      </details>
    </section>
  );
}
