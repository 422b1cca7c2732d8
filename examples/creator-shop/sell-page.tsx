import { MediaImage, MediaUploader, useSafelightClient } from '@safelight/react';
import { useState } from 'react';

import { textOf } from '../shared/text-of.ts';
import { useEntity } from '../shared/use-entity.ts';
import { useGallery } from '../shared/use-gallery.ts';
import { wordsOf } from '../shared/words-of.ts';
import { files, pictures } from './product.ts';
import { sizeText } from './size-text.ts';
import { Told } from './told.tsx';
import { Unfinished } from './unfinished.tsx';

/** The creator's page: files to sell, from this device or from a URL, and the messages that the shop received about them. */
export function SellPage(): React.JSX.Element {
  const client = useSafelightClient();
  const { entity, problem, reload } = useEntity(client, { type: 'product', id: 'course', collection: files.collection });
  const shown = useGallery(client, { type: 'product', id: 'course', collection: pictures.collection }).media ?? [];
  const [refused, setRefused] = useState<string | null>(null);
  const importFile = async (form: FormData): Promise<void> => {
    setRefused(null);
    try {
      await client.request('importMedia', { body: { ...files, url: textOf(form, 'url') } });
      await reload();
    } catch (error) {
      setRefused(wordsOf(error));
    }
  };
  const own = [...(entity?.media ?? []), ...(entity?.tray ?? [])];
  return (
    <>
      <h1>What you sell</h1>
      <p className="soft">Only buyers get these files. A large one goes on where it was, also after a reload.</p>
      <Unfinished />
      <MediaUploader {...files} />
      <form className="row end" action={importFile}>
        <label>
          Or from an address
          <input name="url" type="url" required placeholder="https://…" defaultValue={new URL('tools.txt', location.href).href} />
        </label>
        <button>Import</button>
      </form>
      {refused !== null && <p className="problem">{refused}</p>}
      {problem !== null && <p className="problem">{problem}</p>}
      <h2>Files</h2>
      {entity && own.length === 0 && <p className="soft">There are none yet.</p>}
      <ul className="lines" aria-label="Files">
        {own.map(({ id, originalFileName, byteSize, status, failure }) => (
          <li key={id}>
            {originalFileName}
            <span className="soft">
              {byteSize > 0 && `${sizeText(byteSize)} · `}
              {failure?.message ?? (status === 'ready' ? 'ready' : 'being prepared')}
            </span>
          </li>
        ))}
      </ul>
      <h2>Pictures of it</h2>
      <MediaUploader {...pictures} accept="image/*,.heic" />
      <ul className="pictures small" aria-label="Pictures">
        {shown.map((one) => (
          <li key={one.id}>
            <MediaImage media={one} alt={one.originalFileName ?? ''} sizes="8rem" />
          </li>
        ))}
      </ul>
      <Told />
    </>
  );
}
