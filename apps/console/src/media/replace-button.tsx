import type { Media } from '@safelight/contract/media';

import { Icon } from '../parts/icon.tsx';
import { useUploads } from '../upload/uploads.ts';

/** Chooses the photo that is to take the place of this one. It goes the way of every upload, so that leaving the page interrupts nothing. */
export function ReplaceButton({ media }: { media: Media }) {
  const uploads = useUploads();
  const { id, collection, entity, purpose } = media;

  const replace = (file: File): void => {
    const destination = { collection, purpose, ...(entity === null ? {} : { entityType: entity.type, entityId: entity.id }) };
    uploads.add([file], { destination, replaces: id });
  };
  return (
    <label className="button small">
      <Icon name="replace" />
      Replace
      <input
        className="visually-hidden"
        type="file"
        accept="image/*,.heic,.heif"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          // So that the same file can be chosen once more.
          event.target.value = '';
          if (file) replace(file);
        }}
      />
    </label>
  );
}
