import { useEffect, useReducer, useState } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import type { Page } from './pages.tsx';

const retryMs = 2_000;

/** A page as soon as its file is there. Where it does not come, the server is away, or has a newer console. */
export function PageContent({ page }: { page: Page }) {
  const [, lookAgain] = useReducer((turn: number) => turn + 1, 0);
  const [failures, setFailures] = useState(0);
  const { load, loaded } = page;
  const Content = loaded();
  const isMissing = Content === null;
  useEffect(() => {
    if (!isMissing) return undefined;
    let isHere = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    load().then(
      () => isHere && lookAgain(),
      () => {
        if (isHere) timer = setTimeout(() => setFailures((before) => before + 1), retryMs);
      },
    );
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
  }, [isMissing, load, failures]);
  // It is made by its module, once; this only asks whether that is there.
  // eslint-disable-next-line react/static-components
  if (Content !== null) return <Content />;
  if (failures === 0) return <div className="skeleton jobs-skeleton" role="status" aria-label="Loading the page" />;
  return (
    <EmptyState icon="alert" title="This page could not be loaded">
      <p className="soft">The server may be out of reach, or may have a newer version of the console. The page is requested again by itself.</p>
      <button className="button" type="button" onClick={() => location.reload()}>
        Load the console anew
      </button>
    </EmptyState>
  );
}
