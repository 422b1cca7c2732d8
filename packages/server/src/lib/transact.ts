import type { Db, Tx } from './context.ts';
import { transaction } from './database.ts';

type AfterCommit = (db: Db) => void;
const promised = new WeakMap<Tx, AfterCommit[]>();

/**
 * Runs `work` in one transaction and returns its result. When the database asks for it (a deadlock, a serialization failure), the whole of `work`
 * runs again, so it must have no effect outside the transaction: those go through `afterCommit`.
 */
export async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  let callbacks: AfterCommit[] = [];
  const answer = await transaction(db, async (tx) => {
    // New for each attempt: callbacks of a rolled-back attempt never run.
    callbacks = [];
    promised.set(tx, callbacks);
    return await work(tx);
  });
  for (const callback of callbacks) callback(db);
  return answer;
}

/**
 * Runs `callback` once the transaction has committed, never after a rollback. It gets the database that the transaction was opened on and must not
 * throw, because the commit cannot be undone.
 */
export function afterCommit(tx: Tx, callback: AfterCommit): void {
  const callbacks = promised.get(tx);
  if (callbacks === undefined) throw new Error('This transaction was not opened by `transact`, so nothing can be promised for after its commit.');
  callbacks.push(callback);
}
