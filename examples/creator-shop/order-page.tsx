import { MediaImage, useSafelightClient } from '@safelight/react';
import type { Grant } from '@safelight/contract/api';
import { useCallback, useEffect, useState } from 'react';

import { useGallery } from '../shared/use-gallery.ts';
import { wordsOf } from '../shared/words-of.ts';
import { backEnd } from './back-end.ts';
import { pictures, product } from './product.ts';
import { sizeText } from './size-text.ts';

const date = (at: string): string => new Date(at).toLocaleDateString([], { dateStyle: 'long' });

/** A purchase: every file under its own name, or all of them as one archive. After a refund neither can be downloaded any more. */
export function OrderPage({ transaction }: { transaction: string }): React.JSX.Element {
  const [grant, setGrant] = useState<Grant | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const { media } = useGallery(useSafelightClient(), { type: 'product', id: 'course', collection: pictures.collection });
  const ask = useCallback(async (path: string, method: 'GET' | 'POST' = 'GET') => {
    try {
      setGrant(await backEnd<Grant>(path, method));
      setProblem(null);
    } catch (error) {
      setProblem(wordsOf(error));
    }
  }, []);
  useEffect(() => void ask(`orders/${transaction}`), [transaction, ask]);
  return (
    <>
      <h1>{grant === null ? 'Your purchase' : grant.revokedAt === null ? 'Thank you. It is yours.' : 'Refunded'}</h1>
      {problem !== null && <p className="problem">{problem}</p>}
      {grant && (
        <div className="card receipt">
          <div className="row">
            {media?.[0] && <MediaImage media={media[0]} alt="" className="thumb" sizes="6rem" />}
            <div>
              <strong>{product.title}</strong>
              <p className="soft">
                {product.price} · {date(grant.createdAt)} · {transaction}
              </p>
            </div>
          </div>
          <Downloads grant={grant} />
          <p className="row">
            {grant.revokedAt === null && (
              <a className="button first" href={grant.zipURL} download>
                Everything as ZIP
              </a>
            )}
            {/* One button for both, so that the keyboard keeps its place; the frame takes a double click for one. */}
            <button onClick={() => void ask(`orders/${transaction}/${grant.revokedAt === null ? 'refund' : 'undo-refund'}`, 'POST')}>
              {grant.revokedAt === null ? 'Refund' : 'Undo the refund'}
            </button>
          </p>
        </div>
      )}
    </>
  );
}

function Downloads({ grant: { revokedAt, maxDownloads, files } }: { grant: Grant }): React.JSX.Element {
  return (
    <>
      {revokedAt !== null && <p role="status">This purchase was refunded. Its files can no longer be downloaded.</p>}
      <ul className="lines" aria-label="Files">
        {files.map(({ mediaId, fileName, byteSize, url, downloads }) => (
          <li key={mediaId}>
            {revokedAt === null ? (
              <a href={url} download>
                {fileName}
              </a>
            ) : (
              <span>{fileName}</span>
            )}
            <span className="soft">
              {sizeText(byteSize)}
              {revokedAt === null && maxDownloads !== null && ` · ${maxDownloads - downloads} of ${maxDownloads} downloads left`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
