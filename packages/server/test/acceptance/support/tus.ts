import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';

import { expect } from 'vitest';

import { into, newEntity, nextServer, target, type Answer } from './api.ts';

export type TusAsked = { token?: string | null; headers?: Record<string, string | undefined>; body?: Buffer | string; server?: string };

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** `Upload-Metadata` with these values. */
export const metadata = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${base64(value)}`)
    .join(',');
export const checksum = (bytes: Buffer, algorithm = 'sha1'): string => `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`;
/** A destination that takes any bytes. */
export const anyFile = (fileName = 'file.bin'): Record<string, string> => {
  const { entityType, entityId } = newEntity('product');
  return { collection: 'product.files', entityType, entityId, filename: fileName };
};
export const aPhoto = (fileName = 'photo.jpg'): Record<string, string> => ({ ...into('listing.photos'), filename: fileName, filetype: 'image/jpeg' });
export const someBytes = (length: number): Buffer => randomBytes(length);

const urlOf = (path: string, server = nextServer()): URL => new URL(URL.canParse(path) ? path : `${server}/v1/uploads/tus${path}`);

/** Opens a request of the protocol whose body the test writes itself. */
export function begin(method: string, path: string, asked: Omit<TusAsked, 'body'> = {}): ClientRequest {
  const token = asked.token === undefined ? target.token : asked.token;
  const wanted = { 'tus-resumable': '1.0.0', ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...asked.headers };
  const headers = Object.fromEntries(Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const request = http.request(urlOf(path, asked.server), { method, headers, agent: false });
  // A connection that is cut on purpose, or after its answer, is no failure.
  request.on('error', () => undefined);
  return request;
}

export async function answerTo(request: ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request
    .once('response', resolve)
    .once('error', reject)
    .once('close', () => reject(new Error('the connection was closed without an answer')));
  const response = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const headers = new Headers(
    Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]])),
  );
  return {
    status: response.statusCode ?? 0,
    headers,
    bytes,
    body: headers.get('content-type')?.includes('json') === true && bytes.length > 0 ? JSON.parse(bytes.toString()) : null,
  };
}

/** One request of the protocol with its whole body. */
export async function tus(method: string, path: string, asked: TusAsked = {}): Promise<Answer> {
  const { body, ...rest } = asked;
  const request = begin(method, path, {
    ...rest,
    headers: { ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }), ...rest.headers },
  });
  const answer = answerTo(request);
  request.end(body);
  return await answer;
}

/** Creates an upload and returns its URL. */
export async function create(length: number | null, values: Record<string, string> = anyFile(), asked: TusAsked = {}): Promise<string> {
  const lengthHeader = length === null ? { 'upload-defer-length': '1' } : { 'upload-length': String(length) };
  const answer = await tus('POST', '', { ...asked, headers: { ...lengthHeader, 'upload-metadata': metadata(values), ...asked.headers } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.headers.get('location') ?? '';
}

export const octets = 'application/offset+octet-stream';
export const patch = async (url: string, offset: number | string, body: Buffer | string, asked: TusAsked = {}): Promise<Answer> =>
  await tus('PATCH', url, { ...asked, body, headers: { 'content-type': octets, 'upload-offset': String(offset), ...asked.headers } });

export const head = async (url: string, asked: TusAsked = {}): Promise<Answer> => await tus('HEAD', url, asked);
export const offsetOf = async (url: string, asked: TusAsked = {}): Promise<number> => {
  const answer = await head(url, asked);
  expect(answer.status).toBe(200);
  return Number(answer.headers.get('upload-offset'));
};

/** Begins a PATCH, sends some of its body and leaves it hanging. */
export async function hang(
  url: string,
  offset: number,
  length: number,
  sent: Buffer,
  asked: TusAsked = {},
): Promise<{ request: ClientRequest; answer: Promise<Answer> }> {
  const request = begin('PATCH', url, {
    ...asked,
    headers: { 'content-type': octets, 'upload-offset': String(offset), 'content-length': String(length), ...asked.headers },
  });
  const answer = answerTo(request);
  answer.catch(() => undefined);
  request.write(sent);
  const [socket] = (await once(request, 'socket')) as [Socket];
  if (socket.connecting) await once(socket, 'connect');
  return { request, answer };
}

export const uploadIdOf = (url: string): string => url.split('/').at(-1) ?? '';
