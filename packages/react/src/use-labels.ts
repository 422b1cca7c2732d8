'use client';
import { useContext, useMemo } from 'react';

import { KitContext } from './context.ts';
import { english, type Labels } from './labels.ts';

/** English, where neither the provider nor the component says something else. */
export function useLabels(given?: Partial<Labels>): Labels {
  const { labels } = useContext(KitContext);
  return useMemo(() => ({ ...english, ...labels, ...given }), [labels, given]);
}
