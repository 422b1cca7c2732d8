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
  headers?: () => Promise<Record<string, string | undefined> | undefined>;
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
    const init: RequestInit = { method, headers, ...(payload === undefined ? {} : { body: payload }), ...(signal ? { signal } : {}) };
    const response = await signed(connection, headers, () => fetchAnswer(connection, url, init));
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
 * Sends a request with the current token and headers. If the server refuses the token and there is a new one by now, the request is
 * sent once more: the token was renewed meanwhile, or is renewed when it is asked for.
 * @internal
 */
export async function signed<Answer>(connection: Connection, headers: Headers, act: () => Promise<Answer>): Promise<Answer> {
  await sign(connection, headers);
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SafelightProblem) || error.status !== 401) throw error;
    const refused = headers.get('authorization');
    await sign(connection, headers);
    if (headers.get('authorization') === refused) throw error;
    return await act();
  }
}

/** What `fetch` says without a network, in the words of each browser, of Node and of React Native. */
const isOutage = (error: unknown): boolean =>
  error instanceof TypeError && /^(failed to fetch|fetch failed|load failed|network|the (internet|network) connection)/i.test(error.message);

async function sign(connection: Connection, headers: Headers): Promise<void> {
  headers.delete('authorization');
  try {
    const token = await connection.token();
    if (token) headers.set('authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries((await connection.headers?.()) ?? {})) if (typeof value === 'string') headers.set(name, value);
  } catch (error) {
    // Fetching a token fails in the same outage as the request that needs it; a mistake of the application does not pass by itself.
    throw isOutage(error) ? networkProblem(connection.baseURL, error) : error;
  }
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
  if (response.status === 404 && !response.headers.get('content-type')?.includes('json')) throw noSafelight(url, 404);
  const text = await response.text().catch(() => '');
  throw problemOf({ status: response.status, header: (name) => response.headers.get(name), text });
}

async function readJSON(response: Response, url: string, signal: AbortSignal | undefined): Promise<unknown> {
  if (response.headers.get('content-type')?.startsWith('text/html')) throw noSafelight(url, response.status);
  try {
    return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    throw networkProblem(url, error);
  }
}

/** The page of another server, or of an application that answers every path with itself: no waiting makes JSON of it. */
function noSafelight(url: string, status: number): SafelightProblem {
  const detail = `${url} answered with a page instead of JSON: no Safelight is there. Check baseURL and apiPrefix.`;
  return new SafelightProblem({ code: 'not_found', status, title: 'No Safelight here', detail, retryable: true });
}
