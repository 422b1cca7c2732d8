import { defineCommand } from './command.ts';
import { SafelightError } from '../lib/errors.ts';

export const jobsRetry = defineCommand({
  name: 'jobs retry',
  summary: 'Run the work of a failed job again, in a new job.',
  details:
    'A failed finalize or process job is repeated from the source of its media, if that was kept, even if its owner may not request it: you may have raised a limit or installed a codec in the meantime. A failed purge starts over.',
  arguments: [{ name: 'id', purpose: 'The id of a failed job.' }],
  examples: [{ args: 'jobs retry 01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11', purpose: 'Prints the id of the new job.' }],
  async run(call) {
    const [id = ''] = call.arguments;
    const [{ withData }, { readJob }, { retryProcessing }, { enqueue }, { transact }] = await Promise.all([
      import('./with-data.ts'),
      import('../jobs/read-job.ts'),
      import('../processing/retry-processing.ts'),
      import('../jobs/enqueue.ts'),
      import('../lib/transact.ts'),
    ]);
    const jobId = await withData(call, async (ctx) => {
      const job = await readJob(ctx, id);
      const { assetId } = job;
      if (job.state !== 'failed') throw new SafelightError('conflict', `Only a failed job can be retried; this one is ${job.state}.`);
      if (assetId !== undefined && (job.type === 'finalize' || job.type === 'process'))
        return (await retryProcessing(ctx, { id: assetId, anyway: true })).jobId;
      if (assetId !== undefined && job.type === 'purge') {
        return await transact(ctx.site.db, async (tx) => await enqueue(tx, { type: 'purge', ownerId: ctx.actor.id, assetId, data: { assetId } }));
      }
      if (job.type.startsWith('generate.'))
        throw new SafelightError('conflict', `A ${job.type} job is retried with POST /v1/jobs/${id}/retry, which says whether it may cost again.`);
      throw new SafelightError('conflict', `A ${job.type} job cannot be retried from here: ask again for what it was to do.`);
    });
    return { data: { jobId }, text: `Queued as ${jobId}.` };
  },
});
