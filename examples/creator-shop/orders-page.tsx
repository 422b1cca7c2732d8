import { useEffect, useState } from 'react';

import { wordsOf } from '../shared/words-of.ts';
import { backEnd } from './back-end.ts';
import { product } from './product.ts';

/** The purchases of this shop, the newest first. */
export function OrdersPage(): React.JSX.Element {
  const [orders, setOrders] = useState<readonly string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(
    () =>
      void backEnd<{ orders: string[] }>('orders').then(
        (answer) => setOrders(answer.orders.toReversed()),
        (error: unknown) => setProblem(wordsOf(error)),
      ),
    [],
  );
  return (
    <>
      <h1>My purchases</h1>
      {problem !== null && <p className="problem">{problem}</p>}
      {orders?.length === 0 && (
        <p className="soft">
          Nothing was bought yet. <a href="#/">Look at the course</a>.
        </p>
      )}
      <ul className="lines" aria-label="Purchases">
        {orders?.map((one) => (
          <li key={one}>
            <a href={`#/orders/${one}`}>{product.title}</a>
            <span className="soft">{one}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
