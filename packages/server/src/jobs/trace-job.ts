import { activeSpan, inSpan } from '../lib/in-span.ts';
import type { Attempt } from './attempt.ts';

/** Runs an attempt as a part of the trace in which its job was enqueued, possibly by another process. */
export async function traceJob({ row }: Attempt, run: () => Promise<void>): Promise<void> {
  const attributes = { 'safelight.job.id': row.id, 'safelight.job.type': row.type, 'safelight.job.lane': row.lane, 'safelight.job.attempt': row.attempts };
  await inSpan({ name: `job ${row.type}`, kind: 'consumer', parent: row.traceparent, attributes }, run);
}

/** Records how the traced attempt ended. */
export function traceEnd(outcome: string): void {
  const span = activeSpan();
  span?.note({ 'safelight.job.outcome': outcome });
  if (outcome === 'failed' || outcome === 'timeout' || outcome === 'lost') span?.fail(outcome);
}
