import { useCallback, useSyncExternalStore } from 'react';

import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';
import { useArrivals } from './uploads.ts';
import { useFilesFromPage } from './use-files-from-page.ts';

/**
 * Whatever page is shown, files that are dropped on it are uploaded, and one is brought to where that is seen. Who may not upload is told so, and the
 * browser does not leave the console to show the file.
 */
export function DropAnywhere({ mayUpload }: { mayUpload: boolean }) {
  const arrivals = useArrivals();
  const { page } = useRoute();
  const { dragging } = useSyncExternalStore(arrivals.subscribe, arrivals.getSnapshot);
  const take = useCallback(
    (files: File[]) => {
      arrivals.offer(files);
      if (page !== 'upload') goTo(hrefOf('upload'));
    },
    [arrivals, page],
  );
  useFilesFromPage({ onFiles: mayUpload ? take : null, onDragging: arrivals.setDragging, pastes: page === 'upload' });
  if (!dragging || page === 'upload') return null;
  return (
    <div className="drop-anywhere" aria-hidden="true">
      <Icon name={mayUpload ? 'upload' : 'alert'} />
      <p>{mayUpload ? 'Let go to upload' : 'You may not upload here'}</p>
    </div>
  );
}
