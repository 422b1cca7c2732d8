import { defineCommand } from './command.ts';

export const worker = defineCommand({
  name: 'worker',
  summary: 'Work on jobs only; requests are left to servers.',
  details: 'Any number may run against one DATABASE_URL and one bucket. A worker that dies is noticed, and its jobs are taken over within seconds.',
  examples: [{ args: 'worker', purpose: 'One of several workers. SAFELIGHT_WORKER_JOBS says how much one does at once.' }],
  run: async (call) => await (await import('./run-server.ts')).runServer(call, { http: false, worker: true }),
});
