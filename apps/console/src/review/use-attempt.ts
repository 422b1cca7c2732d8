import { useMutation, useQueryClient } from '@tanstack/react-query';

import { useToast } from '../shell/toast.ts';
import { reviewing } from './use-review-queue.ts';

/** `ahead` shows already what `act` will have come to, and answers how to take that back. */
type Act = { failure: string; act: () => Promise<void>; ahead?: () => () => void };
/** Resolves to whether it worked. */
export type Attempt = (act: Act) => Promise<boolean>;

/** One thing at a time, shown ahead of its answer; what fails is taken back and told of. The queue is read again after each. */
export function useAttempt(): { busy: boolean; attempt: Attempt } {
  const queries = useQueryClient();
  const toast = useToast();
  const { mutateAsync, isPending } = useMutation({
    mutationKey: reviewing,
    onMutate: async ({ ahead }: Act) => {
      await queries.cancelQueries({ queryKey: ['review'] });
      return ahead?.();
    },
    mutationFn: ({ act }) => act(),
    onError: (problem, { failure }, takeBack) => {
      takeBack?.();
      toast({ text: failure, problem });
    },
  });
  return {
    busy: isPending,
    async attempt(act) {
      // Two quick presses are one wish; the second would be about a photo that nobody has looked at yet.
      if (queries.isMutating({ mutationKey: reviewing }) > 0) return false;
      return await mutateAsync(act).then(
        () => true,
        () => false,
      );
    },
  };
}
