import { MediaUploader } from '@safelight/react';
import type { MediaRules } from '@safelight/contract/media-rules';
import { useSyncExternalStore } from 'react';

import { takenTypes } from '../format/describe-rules.ts';
import { Icon } from '../parts/icon.tsx';
import { useArrivals } from './uploads.ts';

/** Takes files that are dropped, chosen, or taken with a camera. Stands inside of `MediaUploader.Root`. */
export function DropZone({ rules }: { rules: MediaRules }) {
  const arrivals = useArrivals();
  const { dragging } = useSyncExternalStore(arrivals.subscribe, arrivals.getSnapshot);
  const takesPictures = rules.kinds.includes('image');
  const words = rules.kinds.every((kind) => kind === 'image') ? 'photos' : 'files';
  if (takenTypes(rules).length === 0)
    return (
      <div className="drop-zone" aria-describedby="collection-rules">
        <p className="drop-title">{rules.collection} takes nothing at this moment</p>
        <p className="soft">The line above says what is missing. Choose another collection meanwhile.</p>
      </div>
    );
  return (
    <MediaUploader.Dropzone className="drop-zone" data-dragging={dragging}>
      <span className="drop-tray" aria-hidden="true">
        <Icon name={words === 'photos' ? 'image' : 'file'} />
      </span>
      <p className="drop-title">{dragging ? `Let go to upload into ${rules.collection}` : `Drop ${words} here, or paste them`}</p>
      <div className="actions centred">
        <MediaUploader.Trigger className="button primary" aria-describedby="collection-rules">
          <Icon name="upload" />
          Choose files
        </MediaUploader.Trigger>
        {takesPictures && (
          <MediaUploader.Camera className="button only-touch">
            <Icon name="camera" />
            Take a photo
          </MediaUploader.Camera>
        )}
      </div>
    </MediaUploader.Dropzone>
  );
}

/** Some systems know HEIC only by its extension. */
export function acceptOf(rules: MediaRules): string {
  const types = takenTypes(rules);
  return types.includes('*/*') ? '' : [...types, ...(types.includes('image/heic') ? ['.heic', '.heif'] : [])].join(',');
}
