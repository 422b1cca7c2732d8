import type { Media } from '@safelight/client';
import { MediaLibrary, MediaUploader, useSafelightClient } from '@safelight/react';
import { useState } from 'react';

import { useEntity } from '../shared/use-entity.ts';
import { destination, listing } from './listing.ts';
import { PhotoState } from './photo-state.tsx';

/** The seller's own page, on a phone: take photos, see the state of each, replace or delete them. */
export function SellerPage(): React.JSX.Element {
  const client = useSafelightClient();
  const { entity, problem, reload } = useEntity(client, listing.place);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  // Live photos and others: a photo that waits to replace a live one is shown below it.
  const own = [...(entity?.media ?? []), ...(entity?.tray ?? [])].filter(({ id, replaces }) => replaces === null && !hidden.has(id));
  const replacements = new Map((entity?.tray ?? []).flatMap((one) => (one.replaces === null ? [] : [[one.replaces, one] as const])));

  const remove = async (id: string): Promise<void> => {
    await client.media.delete(id);
    setHidden((before) => new Set(before).add(id));
  };
  const restore = async (id: string): Promise<void> => {
    await client.media.restore(id);
    setHidden((before) => new Set([...before].filter((one) => one !== id)));
    await reload();
  };
  const sellers: Media[] = own.filter((one) => one.path !== null);
  return (
    <>
      <h1>{listing.title}</h1>
      <p className="soft">A moderator looks at each photo before anybody else sees it.</p>
      <MediaUploader {...destination} camera accept="image/*,.heic" />
      {problem !== null && <p className="problem">{problem}</p>}
      <h2>Your photos</h2>
      <MediaLibrary items={sellers} isLoading={entity === null} onDelete={(_, item) => ('id' in item ? remove(item.id) : undefined)} onRestore={restore}>
        {(item) => ('id' in item ? <PhotoState photo={item} replacement={replacements.get(item.id)} /> : null)}
      </MediaLibrary>
    </>
  );
}
