import { ProviderFailure } from './generator.ts';

/** The limit of an answer with pictures: more than any provider makes. */
export const mostPictureBytes = 96 * 2 ** 20;

/**
 * A `fetch` whose answers end after this many bytes, however long the server goes on, and which follows no redirect. `until` aborts it, for callers
 * that pass their signal in a `Request`: a request that nothing refers to is garbage-collected, and its link to the signal with it.
 */
export function boundedFetch(mostBytes: number | ((url: string) => number), until?: () => AbortSignal): typeof fetch {
  return async (input, init) => {
    const signal = until?.();
    const response = await fetch(input, { ...init, redirect: 'manual', ...(signal === undefined ? {} : { signal }) });
    if (response.body === null) return response;
    const most = typeof mostBytes === 'number' ? mostBytes : mostBytes(input instanceof Request ? input.url : String(input));
    let seen = 0;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen += chunk.byteLength;
        if (seen > most) controller.error(new ProviderFailure('provider_failed', 'The provider answered more than anybody can use.', { isBilled: true }));
        else controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(count, signal === undefined ? {} : { signal }), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
}
