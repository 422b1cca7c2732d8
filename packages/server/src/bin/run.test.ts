import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { glob, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { sql } from '#kysely';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { quadrants } from '../../test/support/pictures.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { tablesToEmpty } from './empty-installation.ts';

// Each call is a process of its own, for which a busy machine needs time.
vi.setConfig({ testTimeout: 120_000 });

const entry = path.resolve(import.meta.dirname, 'safelight.ts');
const root = path.resolve(import.meta.dirname, '../../../..');
const { db, connectionString } = await testDatabase();
const dataDir = await temporaryDirectory();

type Env = Record<string, string>;
const children = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** The program as a person starts it, away from a terminal, without any settings of this machine. */
function start(args: readonly string[], env: Env = {}): ChildProcess {
  const child = spawn(process.execPath, ['--conditions=safelight-source', entry, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', SAFELIGHT_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function safelight(args: readonly string[], env: Env = {}) {
  const child = start(args, env);
  if (child.stdout === null || child.stderr === null) throw new Error('spawned without pipes');
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, code: code as number | null, json: () => JSON.parse(stdout) };
}

const external: Env = { DATABASE_URL: connectionString };

/** The packages whose code a call loads. */
async function packagesOf(args: readonly string[], env: Env = {}): Promise<string[]> {
  const listing = `import { registerHooks } from 'node:module'; const seen = new Set();
    registerHooks({ load(url, context, next) { seen.add(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]); return next(url, context); } });
    process.on('exit', () => process.stderr.write('LOADED ' + JSON.stringify([...seen].filter(Boolean))));`;
  const { stderr, code } = await safelight(args, { ...env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(listing)}` });
  expect([code, stderr]).toEqual([0, expect.stringContaining('LOADED')]);
  return JSON.parse(/LOADED (.*)$/.exec(stderr)?.[1] ?? '[]');
}

describe('the code that a command loads', () => {
  const heavy = /^(fastify|sharp|@aws-sdk|@azure|@google-cloud|pg-boss|libheif-js|jose|playwright)/;

  test('is minimal for help', async () => {
    expect(await packagesOf(['help'])).toEqual([]);
  });

  test.each(['keys list', 'jobs list', 'policy show', 'audit'])('%s, which only asks the database, loads no server, no decoder and no SDK', async (name) => {
    expect((await safelight(['migrate'], external)).code).toBe(0);
    const loaded = await packagesOf(name.split(' '), { ...external, SAFELIGHT_ENV: 'development' });
    expect(loaded).toContain('pg');
    expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
  });
});

test('help of a group describes each of its commands in a sentence', async () => {
  const { stdout, code } = await safelight(['help', 'storage']);
  expect(code).toBe(0);
  for (const name of ['check', 'repair', 'migrate', 'mirror', 'sweep']) expect(stdout).toMatch(new RegExp(`storage ${name} +[A-Z].+\\.`));
});

test('a policy is changed by name and value, with a history; mistakes are reported before anything changes', async () => {
  expect((await safelight(['migrate'], external)).code).toBe(0);
  const changed = await safelight(
    ['policy', 'set', 'listing.photos', 'maxItems=7', 'acceptedTypes=image/jpeg,image/png', 'maxMegapixels=none', '--json'],
    external,
  );
  expect(changed.stderr).toBe('');
  expect(changed.json()).toMatchObject({
    changed: expect.arrayContaining(['maxItems', 'acceptedTypes']),
    policy: { maxItems: 7, acceptedTypes: ['image/jpeg', 'image/png'], maxMegapixels: null },
  });
  expect((await safelight(['policy', 'show', 'listing.photos', '--history'], external)).stdout).toMatch(/maxItems +\w.* +7/);
  expect((await safelight(['policy', 'set', 'listing.photos', 'maxItem=8'], external)).stderr).toContain('Did you mean maxItems?');
  for (const wrong of ['maxItems=many', 'maxItems', 'maxItems=0', 'acceptedTypes=video/mp4']) {
    expect(await safelight(['policy', 'set', 'listing.photos', wrong], external)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.not.stringMatching(/at .*:\d+:\d+/),
    });
  }
  expect((await safelight(['policy', 'show', 'listing.photos', '--json'], external)).json().policy).toMatchObject({ maxItems: 7 });
});

describe('the arguments', () => {
  test('suggest the right command for one that is nearly right, with exit code 1', async () => {
    const { code, stderr, stdout } = await safelight(['storage', 'chekc']);
    expect(stderr).toContain('Did you mean "safelight storage check"?');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('help names every command', async () => {
    const overview = await safelight(['help', '--json']);
    const names = overview.json().commands.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['start', 'serve', 'worker', 'migrate', 'doctor', 'token', 'media inspect', 'storage check', 'storage repair', 'reset']),
    );
    expect(overview.code).toBe(0);
  });

  test('a bad configuration lists every problem at once, with exit code 2, also as JSON', async () => {
    const { code, stderr, json } = await safelight(['jobs', '--json'], { PORT: 'high', SAFELIGHT_STORAGE: 's3', SAFELIGHT_JWT_SECRET: 'short' });
    expect(code).toBe(2);
    expect(json().error.problems).toHaveLength(3);
    for (const name of ['PORT', 'S3_BUCKET', 'SAFELIGHT_JWT_SECRET']) expect(stderr).toContain(name);
    expect(stderr).not.toContain('short"');
  });
});

describe('tokens and keys', () => {
  test('a token has the requested rights', async () => {
    const { json, code } = await safelight([
      'token',
      '--sub',
      'ada',
      '--scope',
      'media:write',
      '--entities',
      'listing/9f3,artist/*',
      '--expires',
      '1h',
      '--json',
    ]);
    const payload = JSON.parse(Buffer.from(json().token.split('.')[1], 'base64url').toString());
    expect(payload).toMatchObject({ sub: 'ada', scope: 'media:write', entities: ['listing/9f3', 'artist/*'] });
    expect(payload.exp - payload.iat).toBe(3600);
    expect(code).toBe(0);
  });

  test('in production no token is created without its secret, and none by default', async () => {
    const production = { SAFELIGHT_ENV: 'production', SAFELIGHT_SIGNING_KEYS: `k1:${'s'.repeat(32)}` };
    expect((await safelight(['token'], production)).code).toBe(2);
    const refused = await safelight(['token'], { ...production, SAFELIGHT_JWT_SECRET: 'x'.repeat(32) });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--sub and --scope');
  });

  test('a link signs in to the console, in production too', async () => {
    const production = {
      SAFELIGHT_ENV: 'production',
      SAFELIGHT_SIGNING_KEYS: `k1:${'s'.repeat(32)}`,
      SAFELIGHT_JWT_SECRET: 'x'.repeat(32),
      PUBLIC_URL: 'https://media.example.com/',
    };
    const { stdout, code } = await safelight(['console', '--sub', 'kim', '--scope', 'media:review'], production);
    expect(code).toBe(0);
    const [, token = ''] = /^https:\/\/media\.example\.com\/console#token=(\S+)\n$/.exec(stdout) ?? [];
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ sub: 'kim', scope: 'media:review' });
    const elsewhere = await safelight(['console', '--url', 'media.example.com'], production);
    expect(elsewhere.stderr).toContain('wanted: an address like https://');
    const provided = await safelight(['console'], { ...production, SAFELIGHT_JWKS_URL: 'https://login.example.com/keys' });
    expect(provided.stdout).toBe('https://media.example.com/console\n');
  });

  test('a key shows its secret once, is stored as its digest only, and is revoked by name', async () => {
    const made = await safelight(['keys', 'create', 'shop', '--scope', 'media:manage', '--json'], external);
    const { key, secret } = made.json();
    expect(secret).toMatch(/^sl_/);
    const listed = await safelight(['keys', '--json'], external);
    expect(listed.json().keys).toEqual([expect.objectContaining({ id: key.id, name: 'shop', scope: ['media:manage'], revokedAt: null })]);
    expect(listed.stdout).not.toContain(secret);
    expect(JSON.stringify(await db.selectFrom('api_key').selectAll().execute())).not.toContain(secret);
    expect((await safelight(['keys', 'revoke', 'shop'], external)).code).toBe(0);
    expect(await db.selectFrom('api_key').select('revoked_at').executeTakeFirst()).toEqual({ revoked_at: expect.any(Date) });
  });
});

test('storage check exits with its findings, and repair only reports what it would do until it is told to do it', async () => {
  const mine = { ...external, SAFELIGHT_DATA_DIR: await temporaryDirectory() };
  const clean = await safelight(['storage', 'check', '--json'], mine);
  expect(clean.json()).toMatchObject({ discrepancies: [], summary: { total: 0 } });
  expect(clean.code).toBe(0);
  await db
    .insertInto('object')
    .values({
      id: '01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c11',
      provider: 'filesystem',
      location: 'objects',
      key: 'media/ada/lost',
      state: 'writing',
      lease_until: new Date(0),
      role: 'source',
    })
    .execute();
  const found = await safelight(['storage', 'check'], mine);
  expect(found.stdout).toContain('1 discrepancy: 1 stuck_writing.');
  expect(found.code).toBe(1);
  const planned = await safelight(['storage', 'repair', '--json'], mine);
  expect(planned.json()).toMatchObject({ dryRun: true, repairs: [{ action: 'remove', done: false }] });
  const repaired = await safelight(['storage', 'repair', '--yes'], mine);
  expect(repaired.stdout).toContain('1 of 1 repaired.');
  expect((await safelight(['storage', 'check'], mine)).code).toBe(0);

  // Somebody took a store out of the configuration while objects lie in it.
  const elsewhere = {
    id: '01993a3e-5a7d-7c3e-9d7c-1f1a4f0f6c12',
    provider: 's3',
    location: 'forgotten',
    key: 'media/ada/there',
    state: 'stored',
    role: 'source',
  } as const;
  await db.insertInto('object').values(elsewhere).execute();
  onTestFinished(async () => void (await db.deleteFrom('object').where('id', '=', elsewhere.id).execute()));
  for (const command of [['check'], ['repair', '--yes']]) {
    const unchecked = await safelight(['storage', ...command], mine);
    expect(unchecked).toMatchObject({ code: 1, stderr: expect.stringContaining('1 object is in s3:forgotten, which is not configured') });
    expect(unchecked.stdout).toContain('the configured stores agree');
  }
});

test('a mocked store cannot be inspected from another process', async () => {
  const { code, stderr } = await safelight(['storage', 'check'], { ...external, SAFELIGHT_STORAGE: 'mocked' });
  expect(code).toBe(1);
  expect(stderr).toContain('POST /v1/admin/discrepancies');
});

test.each([
  ['a cloud store', { SAFELIGHT_STORAGE: 's3', S3_BUCKET: 'photos' }, ['is a cloud store']],
  [
    'production, whatever lies in it',
    { SAFELIGHT_ENV: 'production', SAFELIGHT_JWT_SECRET: 'x'.repeat(32), SAFELIGHT_SIGNING_KEYS: `k1:${'s'.repeat(32)}` },
    ['file systems in development', 'records in production are never reset'],
  ],
])('reset refuses %s, with all reasons', async (_what, env, sentences) => {
  const { code, stderr } = await safelight(['reset', '--yes'], { ...external, ...env });
  expect(code).toBe(2);
  for (const sentence of sentences) expect(stderr).toContain(sentence);
});

test('reset empties every table that the migrations created, and knows no other', async () => {
  // The tables of single months are emptied with the table that they are partitions of.
  const { rows } = await sql<{ name: string }>`select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`.execute(db);
  expect(new Set([...(await tablesToEmpty()), 'schema_migration', 'event_shard'])).toEqual(new Set(rows.map(({ name }) => name)));
});

test('doctor tests everything for real, masks secrets and names a misspelt setting', async () => {
  const { code, json, stdout } = await safelight(['doctor', '--json'], {
    ...external,
    PORT: '0',
    SAFELIGHT_JWT_SECRET: 'do-not-show-this-secret-anywhere-please',
    SAFELIGHT_STORGE: 's3',
  });
  const { findings, configuration } = json();
  const results = Object.fromEntries(findings.map(({ check, result }: { check: string; result: string }) => [check, result]));
  expect(results).toMatchObject({ database: 'ok', migrations: 'ok', records: 'ok', 'store filesystem:objects': 'ok', decoders: 'ok', clock: 'ok' });
  expect(findings).toContainEqual(expect.objectContaining({ check: 'settings', result: 'warning', fix: 'Did you mean SAFELIGHT_STORAGE?' }));
  expect(configuration).toContainEqual(expect.objectContaining({ name: 'SAFELIGHT_JWT_SECRET', from: 'environment', value: expect.stringContaining('••••') }));
  expect(stdout).not.toContain('do-not-show');
  expect(code).toBe(0);
});

test('doctor says which part cannot be reached and what to do, and still tests the others', async () => {
  const { code, json } = await safelight(['doctor', '--json'], { PORT: '0', DATABASE_URL: 'postgres://someone:hunter2@127.0.0.1:1/nothing' });
  const { findings } = json();
  expect(findings).toContainEqual(expect.objectContaining({ check: 'database', result: 'failed', fix: expect.stringContaining('DATABASE_URL') }));
  expect(findings).toContainEqual(expect.objectContaining({ check: 'store filesystem:objects', result: 'ok' }));
  expect(JSON.stringify(findings)).not.toContain('hunter2');
  expect(code).toBe(1);
});

test('media inspect says which object and which route of a photo is broken', async () => {
  const env = { SAFELIGHT_DATA_DIR: await temporaryDirectory(), PORT: '0' };
  const server = start(['start', '--json'], env);
  const [line] = (await once(server.stdout ?? process.stdin, 'data')) as [Buffer];
  const { url, token } = JSON.parse(line.toString());
  const form = new FormData();
  for (const [name, value] of Object.entries({ collection: 'artist.images', entityType: 'artist', entityId: '42' })) form.append(name, value);
  form.append('file', new Blob([await quadrants().jpeg().toBuffer()]), 'a.jpg');
  const uploaded = await fetch(`${url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form });
  const { media } = (await uploaded.json()) as { media: { id: string } };
  const beside = { ...env, PORT: new URL(url).port };
  const results = ({ objects, routes }: Record<'objects' | 'routes', Record<string, string>[]>) =>
    Object.fromEntries([...objects, ...routes].map(({ role, route, result }) => [role ?? route, result]));

  const whole = await safelight(['media', 'inspect', media.id, '--json'], beside);
  const { source, ...kept } = results(whole.json());
  expect(new Set(Object.values(kept))).toEqual(new Set(['ok']));
  // The collection keeps no sources: the bytes are removed by the next sweep, and until then the ledger says so.
  expect([undefined, 'skipped']).toContain(source);
  expect(whole.code).toBe(0);

  const [thumbnail = ''] = await Array.fromAsync(glob(`${env.SAFELIGHT_DATA_DIR}/objects/**/thumbnail.jpg`));
  await rm(thumbnail);
  const broken = await safelight(['media', 'inspect', media.id, '--json'], beside);
  expect(results(broken.json())).toMatchObject({ thumbnail: 'failed', preview: 'failed', canonical: 'ok', full: 'ok', 'access as anybody': 'ok' });
  expect(broken.code).toBe(1);
  server.kill('SIGINT');
  await once(server, 'exit');
});

test('commands share the database of a running Safelight, a second server is refused, and nothing is left behind', async () => {
  const env = { SAFELIGHT_DATA_DIR: await temporaryDirectory(), PORT: '0' };
  const server = start(['start', '--json'], env);
  const [line] = (await once(server.stdout ?? process.stdin, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({ ready: true, url: expect.stringMatching(/^http:/), token: expect.any(String) });

  expect((await safelight(['jobs', '--json'], env)).json()).toEqual({ jobs: [], nextCursor: null });
  const second = await safelight(['serve'], env);
  expect(second.stderr).toMatch(/in use by process \d+/);
  expect(second.code).toBe(2);
  const reset = await safelight(['reset', '--yes'], env);
  expect(reset.stderr).toContain('Stop it first');

  server.kill('SIGINT');
  expect(await once(server, 'exit')).toEqual([0, null]);
  // Without a running server, a command starts the database for its own duration.
  expect((await safelight(['migrate', '--check', '--json'], env)).json()).toMatchObject({ pending: [], contracting: [], problems: [] });
  const done = await safelight(['reset', '--yes', '--json'], env);
  expect(done.json()).toMatchObject({ done: true });
});
