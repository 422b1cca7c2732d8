import type { MediaRules } from '@safelight/contract/media-rules';
import type { ChangeEvent } from 'react';

import { takenTypes } from '../format/describe-rules.ts';
import { Icon } from '../parts/icon.tsx';
import { useFilesFromPage } from './use-files-from-page.ts';

type DropZoneProps = {
  rules: MediaRules;
  /** Why nothing can be taken yet, if so. */
  blockedBy: string | null;
  onFiles: (files: File[]) => void;
};

/** Takes files that are dropped on the page, pasted, chosen, or taken with a camera. The inputs are real ones: keyboards and screen readers know them. */
export function DropZone({ rules, blockedBy, onFiles }: DropZoneProps) {
  const dragging = useFilesFromPage(onFiles);
  const take = (event: ChangeEvent<HTMLInputElement>): void => {
    onFiles([...(event.target.files ?? [])]);
    // So that the same file can be chosen once more.
    event.target.value = '';
  };
  const takesPictures = rules.kinds.includes('image');
  return (
    <div className="drop-zone" data-dragging={dragging} data-blocked={blockedBy !== null}>
      <span className="drop-tray" aria-hidden="true">
        <Icon name={takesPictures ? 'image' : 'file'} />
      </span>
      <p className="drop-title">{dragging ? `Let go to upload into ${rules.collection}` : `Drop ${takesPictures ? 'photos' : 'files'} here, or paste them`}</p>
      <div className="actions centred">
        <label className="button primary">
          <Icon name="upload" />
          Choose files
          <input
            className="visually-hidden"
            type="file"
            multiple
            accept={acceptOf(rules)}
            onChange={take}
            aria-describedby={blockedBy === null ? 'collection-rules' : 'drop-blocked'}
          />
        </label>
        {takesPictures && (
          <label className="button only-touch">
            <Icon name="camera" />
            Take a photo
            <input className="visually-hidden" type="file" accept="image/*" capture="environment" onChange={take} />
          </label>
        )}
      </div>
      {blockedBy !== null && (
        <p className="drop-blocked" id="drop-blocked">
          {blockedBy}
        </p>
      )}
    </div>
  );
}

/** Some systems know HEIC only by its extension. */
function acceptOf(rules: MediaRules): string {
  const types = takenTypes(rules);
  return types.includes('*/*') ? '' : [...types, ...(types.includes('image/heic') ? ['.heic', '.heif'] : [])].join(',');
}
