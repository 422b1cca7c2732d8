import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { findDiscrepancies, findUncheckedStores, type FindContext } from '../reconcile/find-discrepancies.ts';
import { discrepanciesAsCsv, discrepanciesAsJson } from '../reconcile/write-discrepancies.ts';
import type { Asked, OperationInput } from './bind-operation.ts';
import { varyBy } from './vary-by.ts';

/**
 * Streams the report while it is computed, as JSON or, if the client asks for it, as CSV. Nothing is sent before the first part of the comparison is
 * done, so that a missing or unreadable store is answered with a problem. A report that fails later is cut off without its end. Only JSON has a place
 * for the stores that are not configured.
 */
export const reportDiscrepancies = async (
  ctx: FindContext,
  { body }: Pick<OperationInput<'reportDiscrepancies'>, 'body'>,
  { request, reply }: Pick<Asked, 'request' | 'reply'>,
): Promise<'sent'> => {
  const { store, prefix } = body;
  const found = findDiscrepancies(ctx, { ...(store === undefined ? {} : { store }), ...(prefix === undefined ? {} : { prefix }) });
  const first = await found.next();
  const uncheckedStores = store === undefined ? await findUncheckedStores(ctx) : [];
  async function* all() {
    if (first.done === true) return;
    yield first.value;
    yield* found;
  }
  const isCsv = request.headers.accept?.includes('text/csv') === true;
  varyBy(reply, 'accept');
  void reply
    .code(200)
    .headers({ 'content-type': isCsv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .send(owned(Readable.from(isCsv ? discrepanciesAsCsv(all()) : discrepanciesAsJson(all(), (tally) => ({ ...tally, uncheckedStores })))));
  return 'sent';
};
