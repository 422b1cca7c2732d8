import { defineCommand } from './command.ts';

export const serve = defineCommand({
  name: 'serve',
  summary: 'Serve requests only; workers run jobs.',
  details: 'Any number may run against one DATABASE_URL and one bucket. The embedded database belongs to one process: set DATABASE_URL to run apart.',
  examples: [{ args: 'serve', purpose: 'One of several servers behind a load balancer.' }],
  run: async (call) => await (await import('./run-server.ts')).runServer(call, { http: true, worker: false }),
});
