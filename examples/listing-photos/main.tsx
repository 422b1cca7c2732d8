import { createClient } from '@safelight/client';
import { SafelightProvider } from '@safelight/react';

import { mediaToken } from '../shared/media-token.ts';
import { Shell, usePath } from '../shared/shell.tsx';
import { show } from '../shared/show.tsx';
import { BuyerPage } from './buyer-page.tsx';
import { SellerPage } from './seller-page.tsx';

const visitor = createClient({ baseURL: '' });
const pages = { '': 'Sell', listing: 'See the listing' };

function App(): React.JSX.Element {
  const path = usePath();
  return (
    <Shell title="Corner Market" pages={pages} path={path} narrow={path === ''}>
      {path === 'listing' ? (
        // Nobody is signed in on this page, like a visitor.
        <SafelightProvider client={visitor}>
          <BuyerPage />
        </SafelightProvider>
      ) : (
        <SellerPage />
      )}
    </Shell>
  );
}

show(createClient({ baseURL: '', token: () => mediaToken() }), <App />);
