import type { Grant } from '@safelight/contract/grants';
import { mostChars } from '@safelight/contract/limits';
import type { SafelightEvent } from '@safelight/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useReadOn } from '../live/use-read-on.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { useRoute } from '../route/use-route.ts';
import { useClient } from '../session/session.ts';
import { describeFiles, downloadsOf } from './describe-grant.ts';
import { GrantDetail } from './grant-detail.tsx';
import { GrantState } from './grant-state.tsx';

type GrantPage = { grants: readonly Grant[]; nextCursor: string | null };

/** Grants are read again for what is about them, and for nothing else. */
const isOfGrants = ({ event }: SafelightEvent): boolean => /^(grant|download)_/.test(event);

/** What buyers have, and one purchase when the address names it. */
export function GrantsPage() {
  const { id } = useRoute();
  return <div className="grants-page">{id === null ? <Grants /> : <GrantDetail key={id} transaction={id} />}</div>;
}

function Grants() {
  const client = useClient();
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  const queryKey = ['grants', search];
  const { data, error, isPending, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }): Promise<GrantPage> =>
      client.grants.list({ limit: 50, ...(search === '' ? {} : { search }), ...(pageParam === null ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: null,
    getNextPageParam: ({ nextCursor }: GrantPage): string | null => nextCursor,
  });
  useReadOn(queryKey, isOfGrants);
  const items = data?.pages.flatMap(({ grants }) => grants) ?? [];
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Purchases</h1>
          <p className="soft">What buyers may download, and what they have downloaded. Your application creates a purchase when somebody has paid.</p>
        </div>
      </header>
      <form
        className="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setSearch(typed.trim());
        }}
      >
        <label className="field">
          <span className="field-label">Order number, or its beginning, or buyer</span>
          <input type="search" value={typed} maxLength={mostChars.buyerId} onChange={(event) => setTyped(event.target.value)} />
        </label>
        <button className="button" type="submit">
          Search
        </button>
      </form>
      {error !== null && <ProblemNotice problem={error} title="The purchases could not be read" onRetry={() => void refetch()} />}
      {isPending && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the purchases" />}
      {!isPending && error === null && items.length === 0 && (
        <EmptyState icon="grants" title={search === '' ? 'No purchases yet' : `Nothing was found for “${search}”`}>
          <p className="soft">
            {search === ''
              ? 'A purchase appears here when your application makes a grant.'
              : 'Order numbers are found by their beginning, buyers by their whole name.'}
          </p>
        </EmptyState>
      )}
      {items.length > 0 && <GrantTable grants={items} />}
      {hasNextPage && (
        <button className="button" type="button" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  );
}

function GrantTable({ grants }: { grants: readonly Grant[] }) {
  return (
    <div className="job-table">
      <table>
        <caption className="visually-hidden">Purchases, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">State</th>
            <th scope="col">Files</th>
            <th scope="col">Downloads</th>
            <th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {grants.map((grant) => (
            <tr key={grant.transaction}>
              <th scope="row">
                <a className="grant-number" href={hrefOf('grants', grant.transaction)}>
                  {grant.transaction}
                </a>
                <span className="fine">{grant.buyerId ?? ''}</span>
              </th>
              <td>
                <GrantState grant={grant} />
              </td>
              <td className="fine">{describeFiles(grant)}</td>
              <td className="fine" data-label="downloads">
                {downloadsOf(grant)}
              </td>
              <td className="fine" data-label="made">
                <TimeAgo at={grant.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
