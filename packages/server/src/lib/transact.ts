import type { Db, Tx } from './context.ts';
import { transaction } from './database.ts';

type AfterCommit = (db: Db) => void;
const promised = new WeakMap<Tx, AfterCommit[]>();

/**
 * Runs `work` in one transaction and answers what it answered. When the database asks for it (a deadlock, a serialization
 * failure) the whole of `work` runs again, so it must have no effect outside the transaction: those go through `afterCommit`.
 */
export async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  let callbacks: AfterCommit[] = [];
  const answer = await transaction(db, async (tx) => {
    // Fresh for each attempt: what a rolled-back attempt promised is never kept.
    callbacks = [];
    promised.set(tx, callbacks);
    return await work(tx);
  });
  for (const callback of callbacks) callback(db);
  return answer;
}

/**
 * Runs `callback` once the transaction is durable, never when it rolled back. It gets the database that the transaction was opened on
 * and must not throw: nobody could undo the commit for it.
 */
export function afterCommit(tx: Tx, callback: AfterCommit): void {
  const callbacks = promised.get(tx);
  if (callbacks === undefined) throw new Error('This transaction was not opened by `transact`, so nothing can be promised for after its commit.');
  callbacks.push(callback);
}
