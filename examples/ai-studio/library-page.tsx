import { MediaLibrary, useMediaLibrary } from '@safelight/react';
import { useState } from 'react';

/** Folders below the user's own: generated media are in theirs, everything is everything. */
const folders = { '': 'Everything', images: 'Made here: pictures', videos: 'Made here: videos' };

/** All uploads and generated media of the user: found by their folder, deleted by their path, with an undo. */
export function LibraryPage(): React.JSX.Element {
  const [folder, setFolder] = useState('');
  const library = useMediaLibrary({ collection: 'user.library', ...(folder !== '' && { prefix: folder }) });
  return (
    <>
      <h1>Library</h1>
      <label className="filter">
        Show
        <select value={folder} onChange={({ target }) => setFolder(target.value)}>
          {Object.entries(folders).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {library.isLoading && library.items.length === 0 && (
        <p className="soft" role="status">
          Looking for what there is
        </p>
      )}
      {library.error && (
        <p className="problem row" role="alert">
          {library.error.detail}
          <button onClick={library.reload}>Try again</button>
        </p>
      )}
      {(library.items.length > 0 || !library.error) && <MediaLibrary {...library} />}
    </>
  );
}
