'use client';
import { useContext, useMemo } from 'react';

import { KitContext } from './context.ts';
import { english, type Labels } from './labels.ts';

/** English, unless the provider or the component sets other texts. */
export function useLabels(given?: Partial<Labels>): Labels {
  const { labels } = useContext(KitContext);
  return useMemo(() => ({ ...english, ...labels, ...given }), [labels, given]);
}
