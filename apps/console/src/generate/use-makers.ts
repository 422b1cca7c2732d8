import { useQuery } from '@tanstack/react-query';

import { useClient } from '../session/session.ts';

/** The models that generate media here, by provider, and what the caller may still ask for. */
export function useMakers() {
  const client = useClient();
  return useQuery({
    queryKey: ['makers'],
    queryFn: async ({ signal }) => {
      const [models, usage] = await Promise.all([client.generate.models({ signal }), client.generate.usage({ signal })]);
      return { models, usage };
    },
  });
}
