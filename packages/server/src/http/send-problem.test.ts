import { Writable } from 'node:stream';

import fastify, { LogController } from 'fastify';
import pg from 'pg';
import { expect, test } from 'vitest';

import { SafelightError, shuttingDown } from '../lib/errors.ts';
import { ConnectionLost } from '../lib/prepare-statements.ts';
import { sendProblem } from './send-problem.ts';

/** The log level of a request that ends with this error, and its answer. */
async function refusalOf(error: Error): Promise<{ status: number; again: boolean; level: string }> {
  let log = '';
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => ((log += chunk.toString()), done()) });
  const app = fastify({
    logController: new LogController({ disableRequestLogging: true }),
    logger: { level: 'info', stream, formatters: { level: (label) => ({ level: label }) } },
  });
  app.setErrorHandler((thrown, request, reply) => sendProblem(thrown, request, reply));
  app.get('/', async () => {
    throw error;
  });
  const { statusCode, headers } = await app.inject('/');
  await app.close();
  return { status: statusCode, again: 'retry-after' in headers, level: JSON.parse(log).level };
}

const databaseError = (code: string): pg.DatabaseError => Object.assign(new pg.DatabaseError('no', 0, 'error'), { code });

test.each([
  ['a refusal', new SafelightError('invalid_request', 'No.'), { status: 400, again: false, level: 'info' }],
  ['a store that is away', new SafelightError('storage_unavailable', 'Away.'), { status: 503, again: true, level: 'warn' }],
  ['a scanner that is away', new SafelightError('unavailable', 'Away.'), { status: 503, again: true, level: 'warn' }],
  ['a database that is away', new ConnectionLost('read ECONNRESET'), { status: 503, again: true, level: 'warn' }],
  ['a database with too much to do', databaseError('57014'), { status: 503, again: true, level: 'warn' }],
  ['what lost against others each time', databaseError('40P01'), { status: 503, again: true, level: 'warn' }],
  ['what the database refuses for what it is', databaseError('23505'), { status: 500, again: false, level: 'error' }],
  ['what was given up because the product stops', shuttingDown(), { status: 503, again: true, level: 'warn' }],
  [
    'a call of Node that was given up for that',
    Object.assign(new Error('aborted', { cause: shuttingDown() }), { name: 'AbortError' }),
    { status: 503, again: true, level: 'warn' },
  ],
  ['what is missing for good', new SafelightError('storage_unavailable', 'Lost.', { retryable: false }), { status: 503, again: true, level: 'error' }],
  ['what nobody expected', new TypeError('boom'), { status: 500, again: false, level: 'error' }],
])('%s is logged as loudly as somebody has to look', async (_what, error, expected) => {
  expect(await refusalOf(error)).toEqual(expected);
});
