import { useSafelightClient } from '@safelight/react';
import { useEffect, useState } from 'react';

import { files } from './product.ts';

/** Uploads that a reload or a lost network interrupted, as this page found them. Choosing the same file again continues them. */
export function Unfinished(): React.JSX.Element | null {
  const client = useSafelightClient();
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    client.uploads
      .list({ state: 'open' }, { signal: leaving.signal })
      .then(({ uploads }) => setNames(uploads.filter(({ collection }) => collection === files.collection).map(({ filename }) => filename)))
      // The page is useful without it.
      .catch(() => undefined);
    return () => leaving.abort();
  }, [client]);
  if (names.length === 0) return null;
  return (
    <p className="card" role="status">
      Not finished: {names.join(', ')}. Choose it again, and it goes on where it was.
    </p>
  );
}
