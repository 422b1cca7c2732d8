import { sql } from '#kysely';
import type pg from 'pg';

import { socketOf } from './socket-of.ts';

/**
 * Starts the text of a statement whose result is not needed: it is sent, and the caller goes on at once. Postgres runs the following statements only
 * after it, so that a lock and the read under it, or a last event and the commit, take one round trip. Its error is thrown by the next statement, or
 * by the commit, instead of that one's own.
 */
export const ahead = sql.raw('/* ahead */ ');
const mark = '/* ahead */ ';

export type Ask = (text: string, parameters: readonly unknown[]) => Promise<pg.QueryResult>;

const nothing: pg.QueryResult = { command: '', rowCount: 0, oid: 0, fields: [], rows: [] };

/** `ask` sends before it first waits. BEGIN is sent with the first statement; a transaction without any is never begun. */
export function sendingAhead(client: pg.PoolClient, ask: Ask): { query: Ask; forget(): void } {
  let begin: string | null = null;
  let isInTransaction = false;
  let unheard: Promise<pg.QueryResult>[] = [];
  const send = (text: string, parameters: readonly unknown[]): void => {
    holdWrites(client);
    const answer = ask(text, parameters);
    // The next statement reports it.
    answer.catch(() => undefined);
    unheard.push(answer);
  };
  const query: Ask = async (text, parameters) => {
    const plain = text.startsWith(mark) ? text.slice(mark.length) : null;
    if (isBegin(text)) {
      [begin, isInTransaction] = [text, true];
      return nothing;
    }
    // A commit ends the transaction whatever it answers; for a rollback after it Postgres would write a warning to its log.
    if (isEnd(text) && !isInTransaction) return nothing;
    if (isEnd(text)) isInTransaction = false;
    if (begin !== null) {
      const first = begin;
      begin = null;
      if (isEnd(text)) return nothing;
      send(first, []);
    }
    if (plain !== null && isInTransaction) {
      send(plain, parameters);
      return nothing;
    }
    const answer = ask(plain ?? text, parameters);
    if (unheard.length === 0) return await answer;
    const before = unheard;
    unheard = [];
    const outcomes = await Promise.allSettled([...before, answer]);
    // A rollback follows a failure, so it does not report one.
    const failed = /^rollback/i.test(text) ? undefined : outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return await answer;
  };
  const forget = (): void => {
    [begin, isInTransaction, unheard] = [null, false, []];
  };
  return { query, forget };
}

export const isBegin = (text: string): boolean => /^(begin|start transaction)/i.test(text);
export const isEnd = (text: string): boolean => /^(commit|rollback)(?! to)/i.test(text);

/** pg writes each statement to its socket separately; those of the same moment go in one write, for which Postgres wakes once. */
function holdWrites(client: pg.PoolClient): void {
  const socket = socketOf(client);
  if (socket === undefined) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}
