import { ProviderFailure } from './generator.ts';

/** A `fetch` whose answers end after so many bytes, however long the server goes on, and which sends nothing to where it was not told to. */
export function boundedFetch(mostBytes: number | ((url: string) => number)): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
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
    return new Response(response.body.pipeThrough(count), { status: response.status, statusText: response.statusText, headers: response.headers });
  };
}
