import { randomUUID } from 'node:crypto';

import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';
import { SignJWT } from 'jose';
import { expect, inject } from 'vitest';

export const target = inject('acceptanceTarget');

/** Why suites that need several users cannot run; null when they can. */
export const needsUsers = target.jwtSecret === null ? 'the target keeps its secret (SAFELIGHT_ACCEPTANCE_JWT_SECRET), so no other users can sign in' : null;

let turn = 0;
/** Every request goes to the next server, so that nothing works only on the server that was asked before. */
export const nextServer = (): string => target.urls[turn++ % target.urls.length] ?? '';

/** An answer, read to its end. */
export type Answer = {
  status: number;
  headers: Headers;
  bytes: Buffer;
  // Black box: the content is what the tests check.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
};

export type Asked = { token?: string | null; body?: unknown; headers?: Record<string, string>; server?: string };

/** Asks the API (a path below /v1), or any URL, or any path that begins with `//`. Uses the token that may do everything unless told otherwise. */
export async function ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const url = URL.canParse(path) ? path : path.startsWith('//') ? (asked.server ?? nextServer()) + path.slice(1) : `${asked.server ?? nextServer()}/v1${path}`;
  const token = asked.token === undefined ? target.token : asked.token;
  const { body } = asked;
  const isRaw = body === undefined || body instanceof FormData || body instanceof Uint8Array || body instanceof ReadableStream || typeof body === 'string';
  // Streams need `duplex`, which the types of the browser lack.
  const init: RequestInit & { duplex: 'half' } = {
    method,
    redirect: 'manual',
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(isRaw ? {} : { 'content-type': 'application/json' }), ...asked.headers },
    duplex: 'half',
    ...(body === undefined ? {} : { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
  };
  const response = await fetch(url, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, bytes, body: isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : null };
}

/** Expects a refusal: its status, its stable code, the type of problems, a sentence. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body?.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.stringMatching(/\w.*\.$/s) });
}

export type FileToSend = { bytes: Buffer | string; name: string; type?: string };

/** A multipart form as a browser sends it: the fields first, then the files. */
export function form(fields: Record<string, string>, ...files: FileToSend[]): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const { bytes, name, type } of files) data.append('file', new Blob([bytes as BlobPart], type === undefined ? {} : { type }), name);
  return data;
}

export const upload = async (fields: Record<string, string>, file: FileToSend, asked: Asked = {}): Promise<Answer> =>
  await ask('POST', '/media', { ...asked, body: form(fields, file) });

/** An entity that no other test in this run uses. */
export const newEntity = (type: string): { entityType: string; entityId: string; path: string } => {
  const entityId = randomUUID();
  return { entityType: type, entityId, path: `${type}/${entityId}` };
};

/** The form fields of a file for a new artist or listing. */
export const into = (
  collection: 'artist.images' | 'listing.photos' | 'product.files' | 'brand.assets' | 'test.strict',
  entity = newEntity(collection === 'test.strict' ? 'strict' : (collection.split('.')[0] ?? '')),
) => ({
  collection,
  entityType: entity.entityType,
  entityId: entity.entityId,
});

/** Waits for the end of processing and returns the record. */
export async function settled(id: string, asked: Asked = {}): Promise<Media> {
  const read = async (): Promise<Media> => (await ask('GET', `/media/${id}`, asked)).body.media;
  await expect.poll(async () => (await read()).status, { timeout: 40_000, interval: 40 }).toMatch(/ready|failed/);
  return await read();
}

export async function endedJob(id: string, asked: Asked = {}): Promise<Job> {
  const read = async (): Promise<Job> => (await ask('GET', `/jobs/${id}`, asked)).body.job;
  await expect.poll(async () => (await read()).state, { timeout: 40_000, interval: 40 }).toMatch(/complete|failed|cancelled/);
  return await read();
}

/** Uploads and waits until it is visible. */
export async function readyMedia(fields: Record<string, string>, file: FileToSend, asked: Asked = {}): Promise<Media> {
  const answer = await upload(fields, file, asked);
  expect(answer.status, JSON.stringify(answer.body)).toBeOneOf([201, 202]);
  const media = await settled(answer.body.media.id, asked);
  expect(media.failure).toBeNull();
  return media;
}

export type Claims = { scope?: string; entities?: string[]; sub?: string; exp?: number | string };
export type User = { id: string; token: string };

/** A new user, who may read and write their own media. */
export async function newUser(claims: Claims = {}): Promise<User> {
  const id = claims.sub ?? `user-${randomUUID()}`;
  const { scope = 'media:write', exp = '1h', entities } = claims;
  const jwt = new SignJWT({ scope, ...(entities === undefined ? {} : { entities }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(id)
    .setExpirationTime(exp);
  return { id, token: await jwt.sign(new TextEncoder().encode(target.jwtSecret ?? '')) };
}
