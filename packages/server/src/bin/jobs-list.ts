import type { Job } from '@safelight/contract/jobs';
import { jobStates, jobTypes } from '@safelight/contract/job-names';

import { defineCommand, UsageError } from './command.ts';
import { limitOption } from './limit-option.ts';
import { table, type Terminal } from './terminal.ts';

export const jobsList = defineCommand({
  name: 'jobs list',
  aliases: ['jobs'],
  summary: 'List jobs, the newest first.',
  options: {
    state: { type: 'string', value: 'state', purpose: `Only jobs in these states: ${jobStates.join(', ')}.` },
    type: { type: 'string', value: 'type', purpose: `Only jobs of these types: ${jobTypes.join(', ')}.` },
    media: { type: 'string', value: 'id', purpose: 'Only jobs about this media.' },
    limit: limitOption,
    cursor: { type: 'string', value: 'cursor', purpose: 'Continue after the last page.' },
  },
  examples: [
    { args: 'jobs', purpose: 'The newest.' },
    { args: 'jobs list --state failed --json', purpose: 'Failed jobs, for a script.' },
  ],
  async run(call) {
    const { state, type, media, limit, cursor } = call.options;
    const [{ jobListQuerySchema }, { readValue }] = await Promise.all([import('@safelight/contract/jobs'), import('../lib/read-value.ts')]);
    const query = readValue(jobListQuerySchema, { state, type, assetId: media, limit, cursor });
    if (query.problems !== null) {
      throw new UsageError(query.problems.map(({ field, message }) => `--${field === 'assetId' ? 'media' : field}: ${message}.`).join(' '));
    }
    const [{ withDatabase }, { listJobs }] = await Promise.all([import('./with-database.ts'), import('../jobs/list-jobs.ts')]);
    const page = await withDatabase(call, async (ctx) => await listJobs(ctx, query.data));
    if (page.jobs.length === 0) return { data: page, text: 'There are no such jobs.' };
    const lines = [
      table(
        ['id', 'type', 'state', 'progress', 'since', 'says'],
        page.jobs.map((job) => row(job, call.terminal)),
      ),
    ];
    if (page.nextCursor !== null) lines.push(`More: --cursor ${page.nextCursor}`);
    return { data: page, text: lines.join('\n') };
  },
});

const colours = { queued: 'gray', active: 'cyan', retrying: 'yellow', complete: 'green', failed: 'red', cancelled: 'gray' } as const satisfies Record<
  Job['state'],
  string
>;

function row(job: Job, { paint }: Terminal): string[] {
  const progress = job.progress === null ? '' : `${Math.floor(job.progress * 100)} %`;
  const says = job.error === undefined || job.state === 'complete' ? (job.message ?? '') : `${job.error.code}: ${job.error.message}`;
  return [job.id, job.type, paint(colours[job.state], job.state), progress, job.createdAt, says];
}
