import type { Media } from '@safelight/client';
import { MediaImage, useSafelightClient } from '@safelight/react';
import { useState } from 'react';

import { useGallery } from '../shared/use-gallery.ts';
import { wordsOf } from '../shared/words-of.ts';
import { backEnd } from './back-end.ts';
import { files, pictures, product } from './product.ts';
import { sizeText } from './size-text.ts';

const forBuyers = 'Yours at once. A download that breaks goes on where it was, and every file comes under its own name.';
const forNobody = 'Nothing is for sale yet: the seller has not uploaded a file.';

/** The public page: the pictures, the contents, and a button to buy. The files themselves have no URL without a purchase. */
export function ProductPage(): React.JSX.Element {
  const client = useSafelightClient();
  const { media, problem: away } = useGallery(client, { type: 'product', id: 'course', collection: pictures.collection });
  const inside = useGallery(client, { type: 'product', id: 'course', collection: files.collection }).media;
  const [problem, setProblem] = useState<string | null>(null);
  const [isBuying, setBuying] = useState(false);
  const isEmpty = inside?.length === 0;
  const buy = async (): Promise<void> => {
    // A second click is not a second purchase.
    if (isBuying || isEmpty) return;
    setBuying(true);
    setProblem(null);
    try {
      const { transaction } = await backEnd<{ transaction: string }>('buy', 'POST');
      location.hash = `/orders/${transaction}`;
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBuying(false);
    }
  };
  const [first, ...others] = media ?? [];
  return (
    <div className={first ? 'offer' : undefined}>
      {first && (
        <div>
          <MediaImage media={first} priority alt={product.title} className="hero" sizes="(min-width: 64rem) 50vw, 100vw" />
          <ul className="pictures small" aria-label="More pictures">
            {others.map((one) => (
              <li key={one.id}>
                <MediaImage media={one} alt={one.altText ?? ''} sizes="8rem" />
              </li>
            ))}
          </ul>
        </div>
      )}
      <div>
        <h1>{product.title}</h1>
        <p className="lead">{product.about}</p>
        {away !== null && <p className="problem">{away}</p>}
        <div className="card">
          <p className="price">{product.price}</p>
          <button className="first wide" aria-disabled={isBuying || isEmpty} aria-describedby="about-buying" onClick={() => void buy()}>
            Buy and download
          </button>
          <p className="soft" id="about-buying">
            {isEmpty ? forNobody : forBuyers}
          </p>
          {problem !== null && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        {inside && inside.length > 0 && <Inside media={inside} />}
      </div>
    </div>
  );
}

function Inside({ media }: { media: readonly Media[] }): React.JSX.Element {
  return (
    <>
      <h2>What you get</h2>
      <ul className="lines" aria-label="What you get">
        {media.map(({ id, originalFileName, byteSize }) => (
          <li key={id}>
            {originalFileName}
            <span className="soft">{sizeText(byteSize)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
