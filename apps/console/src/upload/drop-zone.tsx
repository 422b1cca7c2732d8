import type { MediaRules } from '@safelight/contract/media-rules';
import { useSyncExternalStore, type ChangeEvent } from 'react';

import { takenTypes } from '../format/describe-rules.ts';
import { Icon } from '../parts/icon.tsx';
import { useArrivals } from './uploads.ts';

type DropZoneProps = { rules: MediaRules };

/** Takes files that are dropped on the page, pasted, chosen, or taken with a camera. The inputs are real ones: keyboards and screen readers know them. */
export function DropZone({ rules }: DropZoneProps) {
  const arrivals = useArrivals();
  const { dragging } = useSyncExternalStore(arrivals.subscribe, arrivals.getSnapshot);
  const take = (event: ChangeEvent<HTMLInputElement>): void => {
    arrivals.offer([...(event.target.files ?? [])]);
    // So that the same file can be chosen once more.
    event.target.value = '';
  };
  const takesPictures = rules.kinds.includes('image');
  return (
    <div className="drop-zone" data-dragging={dragging}>
      <span className="drop-tray" aria-hidden="true">
        <Icon name={takesPictures ? 'image' : 'file'} />
      </span>
      <p className="drop-title">{dragging ? `Let go to upload into ${rules.collection}` : `Drop ${takesPictures ? 'photos' : 'files'} here, or paste them`}</p>
      <div className="actions centred">
        <label className="button primary">
          <Icon name="upload" />
          Choose files
          <input className="visually-hidden" type="file" multiple accept={acceptOf(rules)} onChange={take} aria-describedby="collection-rules" />
        </label>
        {takesPictures && (
          <label className="button only-touch">
            <Icon name="camera" />
            Take a photo
            <input className="visually-hidden" type="file" accept="image/*" capture="environment" onChange={take} />
          </label>
        )}
      </div>
    </div>
  );
}

/** Some systems know HEIC only by its extension. */
function acceptOf(rules: MediaRules): string {
  const types = takenTypes(rules);
  return types.includes('*/*') ? '' : [...types, ...(types.includes('image/heic') ? ['.heic', '.heif'] : [])].join(',');
}
