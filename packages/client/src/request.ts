import type { Operations } from '@safelight/contract/api';

import { networkProblem, problemOf, SafelightProblem } from './problem.ts';
import { retry, type Patience } from './retry.ts';
import { routes } from './routes.ts';

export type OperationId = keyof Operations;

// Each part of the input is as the operation defines it: absent if there is none, optional if all its fields are.
type Part<Op, Name extends string> = Op extends { [N in Name]: infer Value }
  ? Partial<Value> extends Value
    ? { [N in Name]?: Value }
    : { [N in Name]: Value }
  : unknown;

/** The successful response of any operation, by its id. */
export type AnswerOf<Id extends OperationId> = Operations[Id]['answer'];

export type CallOptions = {
  signal?: AbortSignal | undefined;
  /** Sent as `If-Match`: the change applies only to the version that the caller has seen. */
  ifMatch?: string | undefined;
  /** For a POST that creates something; generated if absent. Store your own to repeat the call safely even after a restart. */
  idempotencyKey?: string | undefined;
  /** Attempts after the first, if repeating is safe. Default 3. */
  retries?: number | undefined;
  /** Instead of `retries`: how long to keep retrying during an outage, if repeating is safe. */
  patience?: Patience | undefined;
};
export type RequestInput<Id extends OperationId> = Part<Operations[Id], 'params'> & Part<Operations[Id], 'query'> & Part<Operations[Id], 'body'> & CallOptions;

export type Reply<Answer> = { status: number; headers: Headers; body: Answer };

/**
 * Where requests go and how they authenticate.
 * @internal
 */
export type Connection = {
  baseURL: string;
  apiPrefix: string;
  token: () => Promise<string | undefined>;
  headers?: () => Promise<Record<string, string> | undefined>;
  fetch: typeof fetch;
};

/** POSTs that are idempotent by their meaning, without a key. */
const sameWhenRepeated = new Set<OperationId>(['completeUpload', 'restoreMedia']);

/**
 * Calls one operation of the contract by its id. Rejects with `SafelightProblem`, or with the signal's reason.
 * @internal
 */
export async function request<Id extends OperationId>(connection: Connection, id: Id, input: RequestInput<Id>): Promise<AnswerOf<Id>> {
  return (await send(connection, id, input)).body;
}

/**
 * Like `request`, but also returns the status and headers of the response (an `ETag`, a `Location`).
 * @internal
 */
export async function send<Id extends OperationId>(connection: Connection, id: Id, input: RequestInput<Id>): Promise<Reply<AnswerOf<Id>>> {
  const { params, query, body, signal, ifMatch, retries = 3, patience, idempotencyKey } = input as LooseInput;
  const route = routes[id];
  const { method } = route;
  const keyed = 'idempotent' in route;
  const url = urlOf(connection, id, params, query);
  const headers = new Headers({ accept: 'application/json' });
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  if (keyed) headers.set('idempotency-key', idempotencyKey ?? newIdempotencyKey());
  if (body !== undefined && !(body instanceof FormData)) headers.set('content-type', 'application/json');
  const payload = body === undefined || body instanceof FormData ? body : JSON.stringify(body);

  const attempt = async (): Promise<Reply<AnswerOf<Id>>> => {
    await sign(connection, headers);
    const init: RequestInit = { method, headers, ...(payload === undefined ? {} : { body: payload }), ...(signal ? { signal } : {}) };
    const response = await fetchAnswer(connection, url, init);
    return { status: response.status, headers: response.headers, body: (await readJSON(response, url, signal)) as AnswerOf<Id> };
  };
  // If the answer was lost, repeating If-Match would report that somebody else changed the record, although it was this request.
  const repeatable = method === 'GET' || (ifMatch === undefined && (method !== 'POST' || keyed || sameWhenRepeated.has(id)));
  return retry(attempt, repeatable ? { retries, patience, signal } : { retries: 0, signal });
}

/**
 * Unique, not secret; also works on plain-http pages and in React Native, which lack `randomUUID`.
 * @internal
 */
export const newIdempotencyKey = (): string =>
  globalThis.crypto?.randomUUID?.() ?? Array.from({ length: 4 }, () => Math.random().toString(36).slice(2, 10).padEnd(8, '0')).join('-');

type Query = Record<string, string | number | boolean | undefined>;

/** All parts that an operation can have; the exported types say which operation has which. */
type LooseInput = CallOptions & { params?: Record<string, string>; query?: Query; body?: unknown };

/**
 * The URL of an operation, with its path parameters and its query; undefined query values are omitted.
 * @internal
 */
export function urlOf(connection: Connection, id: OperationId, params: Record<string, string> = {}, query: Query = {}): string {
  const path = routes[id].path
    .replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''))
    .replace('*', () => encodeURIComponent(params['*'] ?? '').replaceAll('%2F', '/'));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const written = search.toString();
  return `${connection.baseURL}${connection.apiPrefix}${path}${written === '' ? '' : `?${written}`}`;
}

/**
 * The token is read again for each attempt, because it may have been renewed.
 * @internal
 */
export async function sign(connection: Connection, headers: Headers): Promise<void> {
  let token: string | undefined;
  try {
    token = await connection.token();
    for (const [name, value] of Object.entries((await connection.headers?.()) ?? {})) headers.set(name, value);
  } catch (error) {
    // `fetch` throws this without a network: fetching a token for an attempt fails in the same outage.
    if (error instanceof TypeError) throw networkProblem(connection.baseURL, error);
    throw error;
  }
  if (token) headers.set('authorization', `Bearer ${token}`);
}

/**
 * `fetch` that throws problems for error responses and failures. An abort passes through unchanged.
 * @internal
 */
export async function fetchAnswer(connection: Connection, url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await connection.fetch(url, init);
  } catch (error) {
    init.signal?.throwIfAborted();
    throw networkProblem(url, error);
  }
  if (response.ok) return response;
  const text = await response.text().catch(() => '');
  throw problemOf({ status: response.status, header: (name) => response.headers.get(name), text });
}

async function readJSON(response: Response, url: string, signal: AbortSignal | undefined): Promise<unknown> {
  // The page of another server, or of an application that answers every path with itself: no waiting makes JSON of it.
  if (response.headers.get('content-type')?.startsWith('text/html')) {
    const detail = `${url} answered with a page instead of JSON: no Safelight is there. Check baseURL and apiPrefix.`;
    throw new SafelightProblem({ code: 'not_found', status: response.status, title: 'No Safelight here', detail, retryable: true });
  }
  try {
    return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    throw networkProblem(url, error);
  }
}
