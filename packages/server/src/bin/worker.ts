import { jobLanes, type JobLane } from '../jobs/lanes.ts';
import { defineCommand, UsageError } from './command.ts';

export const worker = defineCommand({
  name: 'worker',
  summary: 'Run jobs only; servers handle requests.',
  details: 'Any number may run against one DATABASE_URL and one bucket. A worker that dies is noticed, and its jobs are taken over within seconds.',
  options: {
    lanes: { type: 'string', value: 'lanes', purpose: `Only jobs of these lanes, of ${jobLanes.join(', ')}; all by default. The others need a worker too.` },
  },
  examples: [
    { args: 'worker', purpose: 'One of several workers. SAFELIGHT_WORKER_JOBS sets how many jobs it runs at once.' },
    { args: 'worker --lanes long', purpose: 'A machine that only encodes videos.' },
  ],
  async run(call) {
    const { lanes } = call.options;
    return await (await import('./run-server.ts')).runServer(call, { http: false, worker: true, ...(lanes === undefined ? {} : { lanes: readLanes(lanes) }) });
  },
});

function readLanes(text: string): JobLane[] {
  return text.split(',').map((part) => {
    const lane = jobLanes.find((known) => known === part.trim());
    if (lane === undefined) throw new UsageError(`--lanes: "${part.trim()}" is no lane. Give one or more of ${jobLanes.join(', ')}, with commas between.`);
    return lane;
  });
}
