import { createClient } from '@safelight/client';

import { mediaToken } from '../shared/media-token.ts';
import { Shell, usePath } from '../shared/shell.tsx';
import { show } from '../shared/show.tsx';
import { ArtistPage } from './artist-page.tsx';
import { EditPage } from './edit-page.tsx';

const pages = { '': 'Mira Lindqvist', edit: 'Edit' };

function App(): React.JSX.Element {
  const path = usePath();
  return (
    <Shell title="Stages" pages={pages} path={path}>
      {path === 'edit' ? <EditPage /> : <ArtistPage />}
    </Shell>
  );
}

show(createClient({ baseURL: '', token: () => mediaToken() }), <App />);
