import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Db, Tx } from '../lib/context.ts';
import { passesByItself } from '../lib/database.ts';
import { groupCalls } from '../lib/group-calls.ts';
import { activeSpan } from '../lib/in-span.ts';
import { transact } from '../lib/transact.ts';
import { hasQuota } from '../policy/require-quota.ts';
import { arriveTogether, type Arrived, type Arriving } from './arrive.ts';
import type { UploadContext } from './upload-context.ts';

type Arrival = {
  ctx: UploadContext;
  arriving: Arriving;
  eventsOf: (arrived: Arrived) => readonly NewEvent[];
  /** Runs in the transaction. */
  keep?: ((tx: Tx, arrived: Arrived) => Promise<void>) | undefined;
};

/** Whether an upload may arrive together with others: it asks for no position and no place of another photo, and no quota has to be counted. */
export const mayArriveWithOthers = (ctx: UploadContext, { sort_order: position, replaces }: Pick<Arriving['session'], 'sort_order' | 'replaces'>): boolean =>
  position === null && replaces === null && !hasQuota(ctx.actor, ctx.site.ceilings);

/**
 * The same as `arrive` in a transaction of its own, which also emits the events. Uploads that come to one collection at the same moment share a
 * transaction; those of one place would wait for each other there anyway.
 */
export async function arriveWithOthers(
  ctx: UploadContext,
  arriving: Arriving,
  eventsOf: Arrival['eventsOf'] = () => [],
  keep?: Arrival['keep'],
): Promise<Arrived | null> {
  return await arriveAtOnce(ctx.site.db, { ctx, arriving: { ...arriving, traceparent: activeSpan()?.traceparent }, eventsOf, keep });
}

const arriveAtOnce = groupCalls<Db, Arrival, Arrived | null>({
  run: arriveAll,
  keyOf: ({ arriving: { session } }) => JSON.stringify([session.collection, session.entity_type === null]),
  failsForAll: passesByItself,
});

async function arriveAll(db: Db, arrivals: readonly Arrival[]): Promise<(Arrived | null)[]> {
  const [first] = arrivals;
  if (first === undefined) return [];
  return await transact(db, async (tx) => {
    const arrived = await arriveTogether(
      first.ctx,
      tx,
      arrivals.map(({ arriving }) => arriving),
    );
    for (const [index, one] of arrived.entries()) if (one !== null) await arrivals[index]?.keep?.(tx, one);
    await emit(
      tx,
      arrived.flatMap((one, index) => (one === null ? [] : (arrivals[index]?.eventsOf(one) ?? []))),
    );
    return arrived;
  });
}
