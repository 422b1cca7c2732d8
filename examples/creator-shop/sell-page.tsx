import { MediaUploader, useSafelightClient } from '@safelight/react';
import { useEffect, useState } from 'react';

import { textOf } from '../shared/text-of.ts';
import { useEntity } from '../shared/use-entity.ts';
import { backEnd } from './back-end.ts';
import { files, pictures } from './product.ts';
import { sizeText } from './size-text.ts';

type Notice = { at: string; text: string };

/** The creator's page: files to sell, from this device or from an address, and what Safelight told the shop of them. */
export function SellPage(): React.JSX.Element {
  const client = useSafelightClient();
  const { entity, problem, reload } = useEntity(client, { type: 'product', id: 'course', collection: files.collection });
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const [refused, setRefused] = useState<string | null>(null);
  // What is told by the webhook comes right after what is told by the stream.
  useEffect(() => {
    const read = (): void => void backEnd<{ notices: Notice[] }>('notices').then((answer) => setNotices(answer.notices));
    read();
    const timer = setInterval(read, 2000);
    return () => clearInterval(timer);
  }, []);
  const importFile = async (form: FormData): Promise<void> => {
    setRefused(null);
    try {
      await client.request('importMedia', { body: { ...files, url: textOf(form, 'url') } });
      await reload();
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
    }
  };
  const own = [...(entity?.media ?? []), ...(entity?.tray ?? [])];
  return (
    <>
      <h1>What you sell</h1>
      <p className="soft">Only buyers get these files. A large one goes on where it was, also after a reload.</p>
      <MediaUploader {...files} />
      <form className="row" action={importFile}>
        <label>
          Or from an address
          <input name="url" type="url" required placeholder="https://…" />
        </label>
        <button>Import</button>
      </form>
      {refused !== null && <p className="problem">{refused}</p>}
      {problem && <p className="problem">{problem.detail}</p>}
      <h2>Files</h2>
      <ul aria-label="Files">
        {own.map(({ id, originalFileName, byteSize, status, failure }) => (
          <li key={id}>
            {originalFileName}{' '}
            <span className="soft">
              {sizeText(byteSize)} · {failure?.message ?? (status === 'ready' ? 'ready' : 'being prepared')}
            </span>
          </li>
        ))}
      </ul>
      <h2>Pictures of it</h2>
      <MediaUploader {...pictures} accept="image/*,.heic" />
      <h2>What the shop was told</h2>
      <ul aria-label="Notices">
        {notices.map(({ at, text }) => (
          <li key={`${at}${text}`}>{text}</li>
        ))}
      </ul>
    </>
  );
}
