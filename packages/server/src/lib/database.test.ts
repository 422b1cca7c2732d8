import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { sql } from '#kysely';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { ofAll } from './answered-in-time.ts';
import { isUnreachable, openDatabase, sqlState, transaction, type DatabaseOptions, type OpenDatabase } from './database.ts';
import { createLog } from './log.ts';

const { db, pool, connectionString } = await testDatabase();
await pool.query('create table account (id int primary key, balance bigint not null)');

const log = createLog({ level: 'silent' });

test('answers bigint as number and timestamptz as Date', async () => {
  const { rows } = await sql<{ size: number; at: Date }>`select 9007199254740991::bigint as size, timestamptz '2026-01-02T03:04:05Z' as at`.execute(db);
  expect(rows[0]).toEqual({ size: Number.MAX_SAFE_INTEGER, at: new Date('2026-01-02T03:04:05Z') });
});

test('reads a timestamp of any zone, year and precision, also those that the engine takes for another', async () => {
  const told = [
    ['UTC', '2026-11-30 19:33:49.302123+00', '2026-11-30T19:33:49.302Z'],
    ['Asia/Kolkata', '2026-11-30 19:33:49.9999Z', '2026-11-30T19:33:49.999Z'],
    ['America/St_Johns', '1883-01-01 00:00:00Z', '1883-01-01T00:00:00.000Z'],
    ['UTC', '0099-03-15 12:00:00Z', '0099-03-15T12:00:00.000Z'],
    ['UTC', '12026-01-01 00:00:00Z', '+012026-01-01T00:00:00.000Z'],
  ] as const;
  for (const [zone, text, expected] of told) {
    const at = await transaction(db, async (tx) => {
      await sql`select set_config('timezone', ${zone}, true)`.execute(tx);
      return (await sql<{ at: Date }>`select ${text}::timestamptz as at`.execute(tx)).rows[0]?.at;
    });
    expect(at).toEqual(new Date(expected));
  }
  expect((await sql`select timestamptz '-infinity' as at`.execute(db)).rows[0]).toEqual({ at: Number.NEGATIVE_INFINITY });
});

test('refuses a bigint that a number would round', async () => {
  await expect(sql`select 9007199254740993::bigint as size`.execute(db)).rejects.toThrow(/9007199254740993.*too large/);
});

test('leaves the parsers of other users of pg unchanged', async () => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query('select 1::bigint as size').finally(() => client.end());
  expect(rows[0]).toEqual({ size: '1' });
});

test('survives the loss of idle and of busy connections', async () => {
  const own = openDatabase({ connection: connectionString, log, name: 'lost' });
  try {
    await own.pool.query('select 1');
    const transactionThatLosesItsConnection = own.db.transaction().execute(async (tx) => {
      await sql`select 1`.execute(tx);
      await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'safelight lost'`);
      await expect.poll(() => connectionsNamed('safelight lost')).toBe(0);
      await sql`select 1`.execute(tx);
    });
    await expect(transactionThatLosesItsConnection).rejects.toThrow();
    expect((await own.pool.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await own.close();
  }
});

test('idle connections that are lost are reported in one line, and not at all if the pool is closed with them', async () => {
  // A moment later, which a busy machine may let pass before the pool is closed.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const lose = async (name: string) => {
    const own = createLog({ level: 'silent' });
    const warn = vi.spyOn(own, 'warn');
    const opened = openDatabase({ connection: connectionString, log: own, name });
    await Promise.all([opened.pool.query('select pg_sleep(0.1)'), opened.pool.query('select pg_sleep(0.1)')]);
    await pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [`safelight ${name}`]);
    // `expect.poll` would let that moment pass.
    while (opened.pool.totalCount > 0) await turn();
    return { own: opened, warn };
  };
  const closed = await lose('closed');
  await closed.own.close();
  const left = await lose('left');
  vi.advanceTimersByTime(1_000);
  expect(left.warn.mock.calls).toEqual([[expect.objectContaining({ connections: 2 }), expect.stringContaining('lost')]]);
  await left.own.close();
  expect(closed.warn).not.toHaveBeenCalled();
});

test('a connection that is reset during a statement is reported as a lost database', async () => {
  const { own, sockets } = await databaseBehind(passOn);
  const failed = own.db.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx);
    setTimeout(() => sockets[0]?.resetAndDestroy(), 20);
    await sql`select pg_sleep(60)`.execute(tx);
  });
  await expect(failed).rejects.toSatisfy(isUnreachable);
});

// Node's messages for a socket whose other end is gone, and for corrupt TLS records: neither names a system call.
test.each([
  Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' }),
  Object.assign(new Error('decryption failed or bad record mac'), { code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' }),
])('a connection that fails under a statement says that the database went away, whatever it fails with: $message', async (failure) => {
  const socket = new Socket();
  const { own } = await databaseBehind(passOn, { stream: () => socket });
  await sql`select 1`.execute(own.db);
  setTimeout(() => socket.destroy(failure), 20);
  await expect(sql`select pg_sleep(60)`.execute(own.db)).rejects.toSatisfy(isUnreachable);
});

// A frozen server, or one whose machine has vanished from the network: nothing resets the connection.
test('a statement that nobody answers ends in time, and its connection is not used again', async () => {
  let isFrozen = false;
  const { own } = await databaseBehind(
    (socket) => {
      const onwards = toPostgres(socket);
      socket.pipe(onwards);
      onwards.on('data', (answer: Buffer) => isFrozen || socket.write(answer));
    },
    {},
    { answerWithinMs: 200 },
  );
  // Two open connections, by statements without a limit.
  await Promise.all([own.pool.query('select pg_sleep(0.05)'), own.pool.query('select pg_sleep(0.05)')]);
  isFrozen = true;
  const [read, written] = await Promise.allSettled([
    sql`select 1`.execute(own.db),
    transaction(own.db, async (tx) => await sql`insert into account values (9, 0)`.execute(tx)),
  ]);
  isFrozen = false;
  for (const outcome of [read, written]) expect(outcome).toSatisfy(({ reason }: PromiseRejectedResult) => isUnreachable(reason));
  expect((await own.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a statement that changes a whole collection may take longer', async () => {
  const { own } = await databaseBehind(passOn, {}, { answerWithinMs: 50 });
  await expect(sql`select pg_sleep(60)`.execute(own.db)).rejects.toSatisfy(isUnreachable);
  expect((await sql`${ofAll}select pg_sleep(0.2)`.execute(own.db)).rows).toHaveLength(1);
});

// From a server that is killed at that moment.
test.each(['resetAndDestroy', 'end'] as const)('a connection on which the database goes away while it is opened (%s) says so', async (how) => {
  const { own } = await databaseBehind((socket) => void socket.once('data', () => socket[how]()));
  await expect(sql`select 1`.execute(own.db)).rejects.toSatisfy(isUnreachable);
  await expect(transaction(own.db, async (tx) => await sql`select 1`.execute(tx))).rejects.toSatisfy(isUnreachable);
});

// `localhost` may have two addresses, and then the error is one of both.
test.each(['127.0.0.1', 'localhost'])('a database at %s where nobody listens cannot be reached', async (host) => {
  const own = openDatabase({ connection: `postgres://someone@${host}:1/nothing`, log });
  await expect(sql`select 1`.execute(own.db)).rejects.toSatisfy(isUnreachable);
  await own.close();
});

test('a database that rejects our credentials was reached: a retry would not help', async () => {
  const own = openDatabase({ connection: connectionString.replace(/\/[^/?]+(?=\?|$)/, '/nothing'), log });
  const refusal: unknown = await sql`select 1`.execute(own.db).catch((error: unknown) => error);
  expect(sqlState(refusal)).toBe('3D000');
  expect(isUnreachable(refusal)).toBe(false);
  await own.close();
});

test('an unreachable store is not mistaken for the database', () => {
  expect(isUnreachable(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }))).toBe(false);
});

test('close may be called twice and leaves no connection', async () => {
  const own = openDatabase({ connection: connectionString, log, name: 'closed' });
  await sql`select 1`.execute(own.db);
  await Promise.all([own.close(), own.close()]);
  await expect.poll(() => connectionsNamed('safelight closed')).toBe(0);
});

test('a transaction that Postgres aborts because of a deadlock runs again and both commit', async () => {
  await pool.query('insert into account values (1, 0), (2, 0)');
  const add = (id: number): ReturnType<typeof sql> => sql`update account set balance = balance + 1 where id = ${id}`;
  let runs = 0;
  const bothHoldOne = barrier(2);
  const crossing = (first: number, second: number): Promise<void> =>
    transaction(db, async (tx) => {
      runs++;
      await add(first).execute(tx);
      await bothHoldOne();
      await add(second).execute(tx);
    });
  await Promise.all([crossing(1, 2), crossing(2, 1)]);
  const { rows } = await pool.query('select balance from account where id in (1, 2)');
  expect(rows).toEqual([{ balance: 2 }, { balance: 2 }]);
  expect(runs).toBe(3);
});

test('a transaction is tried three times and then fails with the error of Postgres', async () => {
  let runs = 0;
  const failed = transaction(db, async (tx) => {
    runs++;
    await sql`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`.execute(tx);
  });
  const error: unknown = await failed.catch((reason: unknown) => reason);
  expect(sqlState(error)).toBe('40001');
  expect(runs).toBe(3);
});

test('a transaction that fails for another reason is rolled back and not tried again', async () => {
  let runs = 0;
  const failed = transaction(db, async (tx) => {
    runs++;
    await sql`insert into account values (7, 0)`.execute(tx);
    throw new Error('changed my mind');
  });
  await expect(failed).rejects.toThrow('changed my mind');
  expect(runs).toBe(1);
  expect((await pool.query('select from account where id = 7')).rowCount).toBe(0);
});

/** Our pool, on a server in between that treats each connection as it is told; `sockets` are the server's ends. */
async function databaseBehind(
  onSocket: (socket: Socket) => void,
  options: pg.PoolConfig = {},
  limits: Pick<DatabaseOptions, 'answerWithinMs'> = {},
): Promise<{ own: OpenDatabase; sockets: Socket[] }> {
  const { user, database } = new pg.Client({ connectionString });
  const sockets: Socket[] = [];
  const between = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  const { port } = between.address() as AddressInfo;
  const own = openDatabase({ connection: { ...options, connectionString: `postgres://${user}@127.0.0.1:${port}/${database}` }, log, ...limits });
  onTestFinished(async () => {
    await own.close();
    for (const socket of sockets) socket.destroy();
    between.close();
  });
  return { own, sockets };
}

function passOn(socket: Socket): void {
  socket.pipe(toPostgres(socket)).pipe(socket);
}

/** Ends with the socket that it continues, however that one ends. */
function toPostgres(socket: Socket): Socket {
  const onwards = connect(`${new pg.Client({ connectionString }).host}/.s.PGSQL.5432`);
  onwards.on('error', () => undefined);
  socket.on('close', () => onwards.destroy());
  return onwards;
}

async function connectionsNamed(name: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*) from pg_stat_activity where application_name = $1', [name]);
  return rows[0]?.count ?? 0;
}

/** Lets the first `count` callers pass together and later ones at once. */
function barrier(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    if (++waiting >= count) resolve();
    return promise;
  };
}
