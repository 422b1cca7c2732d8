import { artist, pictures, recordings } from './artist.ts';
import { CollectionForm } from './collection-form.tsx';

/** The edit form: everything is a draft until it is saved, and then all of it is saved or none. */
export function EditPage(): React.JSX.Element {
  return (
    <>
      <h1>{artist.name}</h1>
      <p className="soft">Change what you like; nothing shows until you save.</p>
      <CollectionForm title="Pictures" place={pictures} accept="image/*,.heic" hasProfile />
      <CollectionForm title="Tracks and clips" place={recordings} accept="audio/*,video/*" />
    </>
  );
}
