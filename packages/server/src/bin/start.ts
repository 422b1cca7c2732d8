import { defineCommand } from './command.ts';

export const start = defineCommand({
  name: 'start',
  summary: 'Run everything in this process: requests, jobs, upkeep.',
  details:
    'Prints the address, the console and, in development on loopback, a token that may do everything. Ctrl-C stops it cleanly; a second Ctrl-C stops it at once.',
  examples: [
    { args: 'start', purpose: 'At http://127.0.0.1:4700, with the embedded database and ./data.' },
    { args: 'start --json', purpose: 'The address and the token as one line of JSON, for scripts. PORT=0 takes a free port.' },
  ],
  run: async (call) => await (await import('./run-server.ts')).runServer(call, { http: true, worker: true }),
});
