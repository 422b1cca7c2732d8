import type { GenerationModel, GenerationUsage } from '@safelight/contract/generation';
import { useCallback } from 'react';

import { useLoaded, type Loaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';

/** The models that generate media here, by provider, and what the caller may still ask for. */
export function useMakers(): Loaded<{ models: readonly GenerationModel[]; usage: GenerationUsage }> {
  const client = useClient();
  const load = useCallback(
    async (signal: AbortSignal) => {
      const [models, usage] = await Promise.all([client.generate.models({ signal }), client.generate.usage({ signal })]);
      return { models, usage };
    },
    [client],
  );
  return useLoaded(load);
}
