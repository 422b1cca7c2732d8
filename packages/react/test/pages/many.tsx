import { MediaLibrary, type LibraryItem } from '@safelight/react';
import { useState } from 'react';

const picture = 'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/%3E';

/** A library of as many as somebody may have. */
export function ManyPage({ count }: { count: number }) {
  const [items, setItems] = useState<LibraryItem[]>(() =>
    Array.from({ length: count }, (_, at) => ({ url: picture, path: `media/ada/${at}.jpg`, name: `photo ${at}` })),
  );
  return (
    <main>
      <h1>Many</h1>
      <MediaLibrary items={items} onDelete={(path) => setItems((before) => before.filter((item) => item.path !== path))} />
    </main>
  );
}
