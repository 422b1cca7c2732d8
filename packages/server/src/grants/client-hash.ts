import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';

import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';

/** The network part of an address, which a household shares. No other part of the address is used. */
export function cutAddress(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain.split('.').slice(0, 3).join('.');
  // In the notation of URLs, so that every spelling of an address is the same.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::', 2);
  const front = head === '' ? [] : head.split(':');
  const zeros = tail === undefined ? [] : ['0', '0', '0'];
  return [...front, ...zeros].slice(0, 3).join(':');
}

const salts = new WeakMap<Db, { day: string; salts: readonly [string, ...string[]] }>();

/** The salts of today and of yesterday, today's first. Without them nobody can find the client of a digest by trying addresses. */
async function saltsOf(db: Db, now: Date): Promise<readonly [string, ...string[]]> {
  const day = now.toISOString().slice(0, 10);
  const known = salts.get(db);
  if (known?.day === day) return known.salts;
  await sql`
    insert into address_salt (day, salt) values (${day}::date, ${randomBytes(32).toString('base64url')})
    on conflict do nothing`.execute(db);
  await sql`delete from address_salt where day < ${day}::date - 30`.execute(db);
  const { rows } = await sql<{ salt: string }>`
    select salt from address_salt where day between ${day}::date - 1 and ${day}::date order by day desc`.execute(db);
  const [today, ...before] = rows.map(({ salt }) => salt);
  if (today === undefined) throw new Error('the salt of the day was written and is not there');
  const found = { day, salts: [today, ...before] as const };
  salts.set(db, found);
  return found.salts;
}

export type Client = { clients: readonly [string, ...string[]]; addressHash: string; agentClass: string };

/** The client in the form that the download log may store. */
export async function clientOf(db: Db, seen: { address: string; agent: string }, now: Date): Promise<Client> {
  const [today, ...before] = await saltsOf(db, now);
  const network = cutAddress(seen.address);
  const digest = (salt: string, ...of: string[]): string => createHmac('sha256', salt).update(JSON.stringify(of)).digest('base64url');
  return {
    clients: [digest(today, seen.agent, network), ...before.map((salt) => digest(salt, seen.agent, network))],
    addressHash: digest(today, network),
    agentClass: /mozilla/i.test(seen.agent) ? 'browser' : seen.agent === '' ? 'unknown' : 'program',
  };
}
