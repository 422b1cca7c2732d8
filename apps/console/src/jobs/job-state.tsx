import type { Job } from '@safelight/contract/jobs';

const tones = { queued: 'busy', active: 'busy', retrying: 'bad', complete: 'good', failed: 'bad', cancelled: 'plain' } as const satisfies Record<
  Job['state'],
  string
>;

export function JobState({ state }: Pick<Job, 'state'>) {
  return (
    <span className="badge" data-tone={tones[state]}>
      {state}
    </span>
  );
}
