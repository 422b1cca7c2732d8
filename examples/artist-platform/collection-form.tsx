import { MediaGallery, useMediaCollection, type CollectionItem } from '@safelight/react';
import { useId } from 'react';

export type CollectionFormProps = { title: string; place: { type: string; id: string; collection: string }; accept: string; hasProfile?: boolean };

/** One collection of the form, with its own order and its own save. */
export function CollectionForm({ title, place, accept, hasProfile = false }: CollectionFormProps): React.JSX.Element {
  const { items, isLoading, isDirty, isSaving, error, conflict, addFiles, move, change, remove, save, discard } = useMediaCollection(place);
  const id = useId();
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {conflict && (
        <p role="alert" className="card">
          Somebody else saved in the meantime: {said(conflict)} Your changes are still here. Look at them, and save again.
        </p>
      )}
      {error && !conflict && (
        <p role="alert" className="problem">
          {items.some(({ problem }) => problem) ? 'Nothing was saved, because a file was refused. Remove it, and save again.' : error.detail}
        </p>
      )}
      <MediaGallery items={items} onMove={move} onRemove={remove}>
        {(item) =>
          'key' in item && (
            <Words
              item={item}
              hasProfile={hasProfile}
              change={change}
              clearProfile={() => items.filter(isProfile).forEach(({ key }) => change(key, { purpose: 'gallery' }))}
            />
          )
        }
      </MediaGallery>
      {!isLoading && !error && items.length === 0 && <p className="soft">Nothing yet.</p>}
      <p className="row">
        <label htmlFor={id} className="button">
          Add files
        </label>
        <input
          id={id}
          type="file"
          multiple
          accept={accept}
          className="visually-hidden"
          onChange={({ target }) => {
            addFiles([...(target.files ?? [])]);
            target.value = '';
          }}
        />
        {/* Not `disabled`, which would take the focus from who has just saved by the keyboard. */}
        <button className="first" aria-disabled={!isDirty || isSaving} onClick={() => isDirty && !isSaving && void save()}>
          {isSaving ? 'Saving' : 'Save'}
        </button>
        {isDirty && !isSaving && <button onClick={discard}>Discard</button>}
      </p>
    </section>
  );
}

const isProfile = ({ purpose }: CollectionItem): boolean => purpose === 'profile';

function said({ added, removed }: { added: readonly unknown[]; removed: readonly unknown[] }): string {
  const parts = [added.length > 0 ? `${added.length} added` : '', removed.length > 0 ? `${removed.length} taken away` : ''].filter(Boolean);
  return parts.length === 0 ? 'the order or the words changed.' : `${parts.join(', ')}.`;
}

type WordsProps = {
  item: CollectionItem;
  hasProfile: boolean;
  change: (key: string, part: { altText?: string; purpose?: string }) => void;
  clearProfile: () => void;
};

function Words({ item, hasProfile, change, clearProfile }: WordsProps): React.JSX.Element {
  const { media, file } = item;
  const progress = item.upload?.progress ?? null;
  return (
    <div className="words">
      <label>
        What it shows
        <input
          placeholder={media?.originalFileName ?? (file && 'name' in file ? file.name : '')}
          value={item.altText ?? ''}
          onChange={({ target }) => change(item.key, { altText: target.value })}
        />
      </label>
      {hasProfile && (
        <label className="check">
          <input
            type="checkbox"
            checked={isProfile(item)}
            onChange={({ target }) => {
              clearProfile();
              if (target.checked) change(item.key, { purpose: 'profile' });
            }}
          />
          Profile picture
        </label>
      )}
      {media?.status === 'failed' && <p className="problem">It cannot be shown: {media.failure?.message}</p>}
      {(media?.status === 'pending' || media?.status === 'processing') && <p className="soft">It is shown once it is processed.</p>}
      {progress !== null && progress < 1 && <progress aria-label="Upload" value={progress} max={1} />}
    </div>
  );
}
