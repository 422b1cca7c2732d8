import { defineCommand } from './command.ts';

export const jobsCancel = defineCommand({
  name: 'jobs cancel',
  summary: 'Cancel a job: at once if it waits, within about a second if it runs.',
  arguments: [{ name: 'id', purpose: 'The id of a job.' }],
  examples: [{ args: 'jobs cancel 01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11', purpose: 'A job that has ended is not changed.' }],
  async run(call) {
    const [id = ''] = call.arguments;
    const [{ withDatabase }, { cancelJob }] = await Promise.all([import('./with-database.ts'), import('../jobs/cancel-job.ts')]);
    const job = await withDatabase(call, async (ctx) => await cancelJob(ctx, id));
    const text =
      job.state === 'cancelled' ? 'Cancelled.' : job.state === 'active' ? 'Its worker has been told to end it.' : `It had ended already: ${job.state}.`;
    return { data: { job }, text };
  },
});
