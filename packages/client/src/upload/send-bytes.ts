import { networkProblem, problemOf, SafelightProblem, type RawAnswer } from '../problem.ts';
import type { Connection } from '../request.ts';

export type ByteRequest = {
  method: 'PUT' | 'POST';
  url: string;
  headers: Headers;
  body: Blob | FormData;
  /** The file, or the part of it, that the body carries; a form is a little longer. */
  blob: Blob;
  /** The fraction that has left this machine, 0–1. */
  onSent: (fraction: number) => void;
  signal: AbortSignal;
};

/**
 * Sends a body and reports how much of it has really been sent. In browsers and React Native only `XMLHttpRequest` knows that; elsewhere
 * `fetch` takes a stream, and the bytes that it has read from the stream are counted. Error responses are thrown as problems, as everywhere.
 */
export async function sendBytes(connection: Connection, request: ByteRequest): Promise<RawAnswer> {
  request.signal.throwIfAborted();
  const send = typeof XMLHttpRequest === 'undefined' ? (own: ByteRequest) => sendByFetch(connection, own) : sendByXHR;
  const answer = await whileMoving(request, send);
  if (answer.status < 200 || answer.status > 299) throw problemOf(answer);
  return answer;
}

/** A lost network is detected when no more bytes are sent; the wait for the response has no limit here. */
const silenceMs = 120_000;

/** Aborts a request that has stopped sending bytes, and distinguishes an unreadable file from a lost network. */
async function whileMoving(request: ByteRequest, send: (request: ByteRequest) => Promise<RawAnswer>): Promise<RawAnswer> {
  const { signal, onSent, url, blob } = request;
  const own = new AbortController();
  const onAbort = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const giveUp = (): void => own.abort(networkProblem(url, new Error(`No byte moved for ${silenceMs} ms.`)));
  let silence = setTimeout(giveUp, silenceMs);
  try {
    return await send({
      ...request,
      signal: own.signal,
      onSent: (fraction) => {
        clearTimeout(silence);
        if (fraction < 1) silence = setTimeout(giveUp, silenceMs);
        onSent(fraction);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SafelightProblem && error.code === 'network_error') await refuseUnreadable(blob, error);
    throw error;
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', onAbort);
  }
}

/** If a file was changed or removed after it was chosen, sending it fails like a network error. */
async function refuseUnreadable(blob: Blob, cause: SafelightProblem): Promise<void> {
  try {
    await blob.slice(0, 1).arrayBuffer();
  } catch {
    const detail = 'The file can no longer be read: it was changed or removed since it was chosen. Choose it again.';
    throw new SafelightProblem({ code: 'file_unreadable', status: 0, title: 'The file cannot be read', detail, retryable: false }, { cause });
  }
}

function sendByXHR({ method, url, headers, body, blob: { size }, onSent, signal }: ByteRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const onAbort = (): void => xhr.abort();
    xhr.upload.addEventListener('progress', (event) => onSent(fractionOf(event.loaded, event.lengthComputable ? event.total : size)));
    xhr.addEventListener('load', () => resolve({ status: xhr.status, header: (name) => xhr.getResponseHeader(name), text: xhr.responseText }));
    xhr.addEventListener('error', () => reject(networkProblem(url, new Error('XMLHttpRequest failed'))));
    xhr.addEventListener('abort', () => reject(signal.reason as Error));
    xhr.addEventListener('loadend', () => signal.removeEventListener('abort', onAbort));
    signal.addEventListener('abort', onAbort, { once: true });
    xhr.open(method, url);
    headers.forEach((value, name) => {
      // The browser sets this header itself and warns if a page tries to.
      if (name !== 'content-length') xhr.setRequestHeader(name, value);
    });
    xhr.send(body);
  });
}

async function sendByFetch(connection: Connection, { method, url, headers, body, blob: { size }, onSent, signal }: ByteRequest): Promise<RawAnswer> {
  // `Response` serializes a form while it is read, and sets the boundary; the length is unknown, so it is sent in chunks.
  const form = body instanceof FormData ? new Response(body) : undefined;
  const all = new Headers(headers);
  if (form) all.set('content-type', form.headers.get('content-type') ?? 'multipart/form-data');
  else all.set('content-length', String(size));
  const written = body instanceof FormData ? form?.body : body.stream();
  // Without bytes, send no body: in some implementations an empty stream contradicts its length.
  const payload = written && (form || size > 0) ? { body: streamOf(countPieces(written, size, onSent)), duplex: 'half' } : {};
  try {
    const response = await connection.fetch(url, { method, headers: all, signal, ...payload });
    const text = await response.text();
    return { status: response.status, header: (name) => response.headers.get(name), text };
  } catch (error) {
    signal.throwIfAborted();
    throw networkProblem(url, error);
  }
}

/** Small pieces, each counted when the next one is requested: by then it has been passed to the socket. */
async function* countPieces(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  size: number,
  onSent: (fraction: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const pieceBytes = 65_536;
  let sent = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.byteLength; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      yield piece;
      sent += piece.byteLength;
      onSent(fractionOf(sent, size));
    }
  }
}

const streamOf = (pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );

const fractionOf = (sent: number, total: number): number => (total === 0 ? 1 : Math.min(1, sent / total));
