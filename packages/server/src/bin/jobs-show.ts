import { defineCommand } from './command.ts';
import { table } from './terminal.ts';

export const jobsShow = defineCommand({
  name: 'jobs show',
  summary: 'Show one job.',
  arguments: [{ name: 'id', purpose: 'The id of a job.' }],
  examples: [{ args: 'jobs show 01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11', purpose: 'Its state, attempts, last error and result.' }],
  async run(call) {
    const [id = ''] = call.arguments;
    const [{ withDatabase }, { readJob }] = await Promise.all([import('./with-database.ts'), import('../jobs/read-job.ts')]);
    const job = await withDatabase(call, async (ctx) => await readJob(ctx, id));
    const lines = Object.entries(job).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
    return { data: { job }, text: table(['job', ''], lines) };
  },
});
