import type { Grant } from '@safelight/contract/api';
import { useCallback, useEffect, useState } from 'react';

import { backEnd } from './back-end.ts';
import { sizeText } from './size-text.ts';

/** A purchase: every file under its own name, or all of them as one archive. A refund ends both with the next request. */
export function OrderPage({ transaction }: { transaction: string }): React.JSX.Element {
  const [orders, setOrders] = useState<readonly string[]>([]);
  const [grant, setGrant] = useState<Grant | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const ask = useCallback(async (path: string, method: 'GET' | 'POST' = 'GET') => {
    try {
      setGrant(await backEnd<Grant>(path, method));
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }, []);
  useEffect(() => {
    if (transaction === '') void backEnd<{ orders: string[] }>('orders').then((answer) => setOrders(answer.orders));
    else void ask(`orders/${transaction}`);
  }, [transaction, ask]);

  if (transaction === '') return <Orders orders={orders} />;
  return (
    <>
      <h1>Thank you</h1>
      {problem !== null && <p className="problem">{problem}</p>}
      {grant && (
        <>
          {grant.revokedAt !== null && <p role="status">This purchase was refunded. Its files can no longer be downloaded.</p>}
          <ul aria-label="Files">
            {grant.files.map(({ mediaId, fileName, byteSize, url }) => (
              <li key={mediaId}>
                <a href={url} download>
                  {fileName}
                </a>{' '}
                <span className="soft">{sizeText(byteSize)}</span>
              </li>
            ))}
          </ul>
          <p className="row">
            <a className="button first" href={grant.zipURL} download>
              Everything as ZIP
            </a>
            {grant.revokedAt === null ? (
              <button onClick={() => void ask(`orders/${transaction}/refund`, 'POST')}>Refund</button>
            ) : (
              <button onClick={() => void ask(`orders/${transaction}/undo-refund`, 'POST')}>Undo the refund</button>
            )}
          </p>
        </>
      )}
    </>
  );
}

function Orders({ orders }: { orders: readonly string[] }): React.JSX.Element {
  return (
    <>
      <h1>My purchases</h1>
      {orders.length === 0 && <p className="soft">Nothing was bought yet.</p>}
      <ul>
        {orders.map((one) => (
          <li key={one}>
            <a href={`#/orders/${one}`}>{one}</a>
          </li>
        ))}
      </ul>
    </>
  );
}
