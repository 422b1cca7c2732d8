import type { Context, DataSite } from '../lib/context.ts';
import { jobDefinitions, type JobName, type PayloadOf } from './definitions.ts';
import type { JobContext, JobHandler, JobResult } from './running-job.ts';

type Defined<Site, Name extends JobName> = Omit<JobHandler<Site>, 'run'> & {
  run(ctx: JobContext<Site>, payload: PayloadOf<Name>): Promise<JobResult | void>;
};

/**
 * Defines what a module does for jobs of one name, with the payload that the name promises: `jobsOf<Site>()('purge', { run: (ctx, { assetId }) => …
 * })`. `Site` is the part of the site that the module needs beyond that of every use case. A payload from another version that lacks a field fails.
 */
export const jobsOf =
  <Site>() =>
  <Name extends JobName>(name: Name, { run, ...hooks }: Defined<Site, Name>): JobHandler<Site> => ({
    ...hooks,
    run: async (ctx) => await run(ctx, jobDefinitions[name].payload.parse(ctx.job.data) as PayloadOf<Name>),
  });

/** One job done by several modules in turn. When it fails or is cancelled, each ends its own part, in the same order and in one transaction. */
export function inTurn<Site>(...parts: readonly JobHandler<Site>[]): JobHandler<Site> {
  const holds = new Set(parts.flatMap(({ hold }) => hold ?? []));
  return {
    async run(ctx) {
      let result: JobResult | undefined;
      for (const part of parts) result = (await part.run(ctx)) ?? result;
      return result;
    },
    async hold(tx, job) {
      for (const hold of holds) await hold(tx, job);
    },
    async stop(ctx: Context<DataSite & Site>, job) {
      for (const part of parts) await part.stop?.(ctx, job);
    },
    async onFailed(...how) {
      for (const part of parts) await part.onFailed?.(...how);
    },
    async onCancelled(...how) {
      for (const part of parts) await part.onCancelled?.(...how);
    },
  };
}
