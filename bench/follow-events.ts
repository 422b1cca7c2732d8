import type { Product } from './product.ts';

export type ToldEvent = { name: string; mediaId: string; at: Date };
export type Following = {
  /** Resolves when the event about this media has arrived, even if it arrived before the call. */
  told(mediaId: string, name: string): Promise<ToldEvent>;
  /** Drops what is stored about this media, for runs that follow thousands. */
  forget(mediaId: string): void;
  stop(): void;
};

/** Follows all events of the product, like a client. A failed asset rejects for everybody who waits for it. */
export async function followEvents(product: Pick<Product, 'url' | 'token'>): Promise<Following> {
  const leaving = new AbortController();
  const answer = await fetch(`${product.url}/v1/events`, { headers: { authorization: `Bearer ${product.token}` }, signal: leaving.signal });
  if (answer.body === null || answer.status !== 200) throw new Error(`/v1/events answered ${answer.status}`);
  const waiting = new Map<string, PromiseWithResolvers<ToldEvent>>();
  const entry = (mediaId: string, name: string): PromiseWithResolvers<ToldEvent> => {
    const key = `${mediaId} ${name}`;
    const known = waiting.get(key) ?? Promise.withResolvers<ToldEvent>();
    waiting.set(key, known);
    return known;
  };
  const hear = (message: string): void => {
    const name = /^event: (.*)$/m.exec(message)?.[1];
    const data = /^data: (.*)$/m.exec(message)?.[1];
    if (name === undefined || data === undefined) return;
    const { mediaId = '', at } = JSON.parse(data) as { mediaId?: string; at: string };
    entry(mediaId, name).resolve({ name, mediaId, at: new Date(at) });
    if (name !== 'processing_failed') return;
    for (const [key, { reject }] of waiting) if (key.startsWith(mediaId)) reject(new Error(`Processing failed: ${data}`));
  };
  const listen = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const messages = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
      rest = messages.pop() ?? '';
      for (const message of messages) hear(message);
    }
  };
  const listening = listen(answer.body).catch((cause: unknown) => {
    if (leaving.signal.aborted) return;
    for (const { reject } of waiting.values()) reject(new Error('The stream of events ended.', { cause }));
  });
  void listening;
  return {
    told: (mediaId, name) => entry(mediaId, name).promise,
    forget(mediaId) {
      for (const key of waiting.keys()) if (key.startsWith(mediaId)) waiting.delete(key);
    },
    stop: () => leaving.abort(),
  };
}
