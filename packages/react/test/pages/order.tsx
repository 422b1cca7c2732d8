import { MediaGallery } from '@safelight/react';
import { useState } from 'react';

import { recordOf } from './record-of.ts';

/** A gallery whose order is only kept on the page. */
export function OrderPage() {
  const [items, setItems] = useState(() => ['a', 'b', 'c'].map((name) => recordOf(name)));
  const onMove = (key: string, to: number): void =>
    setItems((before) => {
      const others = before.filter(({ id }) => id !== key);
      return [...others.slice(0, to), ...before.filter(({ id }) => id === key), ...others.slice(to)];
    });
  return (
    <main>
      <h1>Order</h1>
      <MediaGallery items={items} onMove={onMove} />
    </main>
  );
}
