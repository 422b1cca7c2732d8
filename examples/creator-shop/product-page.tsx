import { MediaImage, useSafelightClient } from '@safelight/react';
import { useState } from 'react';

import { useGallery } from '../shared/use-gallery.ts';
import { backEnd } from './back-end.ts';
import { pictures, product } from './product.ts';

/** What everybody sees: the pictures, and a button to buy. The files themselves have no address without a purchase. */
export function ProductPage(): React.JSX.Element {
  const { media } = useGallery(useSafelightClient(), { type: 'product', id: 'course', collection: pictures.collection });
  const [problem, setProblem] = useState<string | null>(null);
  const buy = async (): Promise<void> => {
    setProblem(null);
    try {
      const { transaction } = await backEnd<{ transaction: string }>('buy', 'POST');
      location.hash = `/orders/${transaction}`;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      {media?.[0] && <MediaImage media={media[0]} priority alt={product.title} className="hero" sizes="(min-width: 64rem) 60rem, 100vw" />}
      <h1>{product.title}</h1>
      <p>{product.about}</p>
      <p className="row">
        <strong>{product.price}</strong>
        <button className="first" onClick={() => void buy()}>
          Buy
        </button>
      </p>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
