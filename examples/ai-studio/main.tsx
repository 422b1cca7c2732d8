import { createClient } from '@safelight/client';

import { mediaToken } from '../shared/media-token.ts';
import { Shell, usePath } from '../shared/shell.tsx';
import { show } from '../shared/show.tsx';
import { GeneratePage } from './generate-page.tsx';
import { LibraryPage } from './library-page.tsx';
import { Signed } from './signed.tsx';
import { UploadPage } from './upload-page.tsx';

const pages = { '': 'Generate', upload: 'Upload', library: 'Library' };

function App(): React.JSX.Element {
  const path = usePath();
  return (
    <Shell title="Studio" pages={pages} path={path}>
      {path === 'upload' ? <Signed>{(token) => <UploadPage apiPrefix="/v1" token={token} />}</Signed> : path === 'library' ? <LibraryPage /> : <GeneratePage />}
    </Shell>
  );
}

show(createClient({ baseURL: '', token: () => mediaToken() }), <App />);
