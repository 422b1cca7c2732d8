import type { Media } from '@safelight/contract/media';

import { Icon } from '../parts/icon.tsx';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { useUploadQueue } from '../upload/uploads.ts';

/** Chooses the photo that is to take the place of this one. It goes through the upload queue, so that leaving the page interrupts nothing. */
export function ReplaceButton({ media }: { media: Media }) {
  const client = useClient();
  const queue = useUploadQueue();
  const toast = useToast();
  const { id, collection, entity, purpose } = media;

  const replace = async (file: File): Promise<void> => {
    try {
      const destination = { collection, purpose, ...(entity === null ? {} : { entityType: entity.type, entityId: entity.id }) };
      queue.add([file], destination, await client.rules.readRecent(collection), id);
    } catch (problem) {
      toast({ text: 'The rules of this collection could not be read', problem });
    }
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
          if (file) void replace(file);
        }}
      />
    </label>
  );
}
