import { createClient } from '@safelight/client';

import { mediaToken } from '../shared/media-token.ts';
import { Shell, usePath } from '../shared/shell.tsx';
import { show } from '../shared/show.tsx';
import { OrderPage } from './order-page.tsx';
import { OrdersPage } from './orders-page.tsx';
import { ProductPage } from './product-page.tsx';
import { SellPage } from './sell-page.tsx';

const pages = { '': 'The course', sell: 'Sell', orders: 'My purchases' };

function App(): React.JSX.Element {
  const path = usePath();
  const [page, transaction = ''] = path.split('/');
  return (
    <Shell title="Cleo's Workshop" pages={pages} path={page ?? ''}>
      {page === 'sell' ? <SellPage /> : page !== 'orders' ? <ProductPage /> : transaction === '' ? <OrdersPage /> : <OrderPage transaction={transaction} />}
    </Shell>
  );
}

show(createClient({ baseURL: '', token: () => mediaToken() }), <App />);
