import { useMutation } from '@tanstack/react-query';
import { useCallback } from 'react';

import { useToast } from './toast.ts';

type Work = { failure: string; work: () => Promise<unknown> };
/** Does what a person has asked for; what fails is told of in a message. Resolves to whether it worked. */
export type Act = (failure: string, work: () => Promise<unknown>) => Promise<boolean>;

/** How everything is done that is not shown ahead of its answer. `asked` stays true after what worked: its effect may still be on the way. */
export function useAct(onDone?: () => void): { busy: boolean; asked: boolean; act: Act } {
  const toast = useToast();
  const { mutateAsync, isPending, isSuccess } = useMutation({
    mutationFn: ({ work }: Work) => work(),
    onSuccess: () => onDone?.(),
    onError: (problem, { failure }) => toast({ text: failure, problem }),
  });
  const act = useCallback<Act>(
    async (failure, work) =>
      await mutateAsync({ failure, work }).then(
        () => true,
        () => false,
      ),
    [mutateAsync],
  );
  return { busy: isPending, asked: isPending || isSuccess, act };
}
