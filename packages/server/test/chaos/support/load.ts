import { setTimeout as delay } from 'node:timers/promises';

import sharp from 'sharp';

import type { Random } from './random.ts';
import type { Site } from './site.ts';

/** The answers of the product, which it has to keep to. */
export type Promised = { id: string; way: 'inline' | 'queued' | 'presigned'; deletion: 'none' | 'asked' | 'answered' };

export type Load = {
  promised: Map<string, Promised>;
  /** Requests that were answered, by operation; and those that were cut off. */
  counts: Record<string, number>;
  /** Answers that must never occur. */
  faults: string[];
  stop(): Promise<void>;
};

// oxlint-disable-next-line typescript/no-explicit-any
type Answer = { status: number; body: any };

class CutOff extends Error {}

/** Clients that upload and delete without a pause, whatever happens to the server, and record every answer. */
export async function startLoad(site: Site, random: Random, clients: number): Promise<Load> {
  const pictures = await Promise.all([300, 500, 800, 1100].map(noisyPicture));
  const promised = new Map<string, Promised>();
  const counts: Record<string, number> = {};
  const faults: string[] = [];
  const stopping = new AbortController();
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);

  /** One request; throws if it was cut off or the server says that it is unavailable, because then nothing was promised. */
  const ask = async (method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Answer> => {
    let response: Response;
    let text: string;
    let isOurs: boolean;
    try {
      const url = placeOf(path, site);
      isOurs = site.isOurs(url.origin);
      response = await fetch(url.href, {
        method,
        ...(body === undefined ? {} : { body }),
        // A bucket authenticates only by the signature in its URL.
        headers: { ...(isOurs ? { authorization: `Bearer ${site.token}` } : {}), ...headers },
        signal: AbortSignal.timeout(30_000),
      });
      text = await response.text();
    } catch (cause) {
      count('cut off');
      // Nobody listens for a moment; an immediate retry would only take processor time from the process that starts.
      await delay(25);
      throw new CutOff('cut off', { cause });
    }
    if (response.status >= 500) {
      count(`answered ${response.status}`);
      // If the database or a store is away, the product says so, and when to retry. A bucket has its own ways.
      if (isOurs && !(response.status === 503 && response.headers.has('retry-after'))) faults.push(`${method} ${path}: ${response.status} ${text}`);
      throw new CutOff(`answered ${response.status}`);
    }
    return { status: response.status, body: response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) : null };
  };
  const json = { 'content-type': 'application/json' };
  const expectStatus = (what: string, answer: Answer, ...wanted: number[]): boolean => {
    if (wanted.includes(answer.status)) return true;
    faults.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return false;
  };

  /** Retries like a good client until the outcome is known. Null if the answer was one that must never occur. */
  const retried = async (what: string, once: () => Promise<Answer>, ...wanted: number[]): Promise<Answer | null> => {
    for (;;) {
      try {
        const answer = await once();
        return expectStatus(what, answer, ...wanted) ? answer : null;
      } catch (error) {
        if (!(error instanceof CutOff) || stopping.signal.aborted) throw error;
      }
    }
  };

  const direct = async (collection: 'artist.images' | 'listing.photos'): Promise<void> => {
    const form = new FormData();
    const fields = { collection, entityType: collection.split('.')[0] ?? '', entityId: `e${Math.floor(random.between(0, 40))}` };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([random.pick(pictures)], { type: 'image/jpeg' }), 'chaos.jpg');
    const answer = await ask('POST', '/media', form);
    // The answer if the decoder was killed: refused with a code, and nothing promised.
    if (answer.body?.code === 'collection_full' || answer.body?.code === 'resource_limit') return count(answer.body.code);
    if (!expectStatus('direct', answer, 201, 202)) return;
    const way = answer.status === 201 ? 'inline' : 'queued';
    promised.set(answer.body.media.id, { id: answer.body.media.id, way, deletion: 'none' });
    count(way);
  };

  const presigned = async (): Promise<void> => {
    const picture = random.pick(pictures);
    const opened = await ask(
      'POST',
      '/media/upload/init',
      JSON.stringify({
        collection: 'listing.photos',
        entityType: 'listing',
        entityId: `p${Math.floor(random.between(0, 40))}`,
        filename: 'chaos.jpg',
        contentType: 'image/jpeg',
        byteSize: picture.length,
      }),
      json,
    );
    if (opened.body?.code === 'collection_full' || !expectStatus('init', opened, 201)) return;
    // 412: the bucket has the object, and only its answer was cut off.
    if ((await retried('put', () => ask('PUT', opened.body.uploadURL, new Blob([picture]), opened.body.headers), 200, 412)) === null) return;
    const completed = await retried('complete', () => ask('POST', '/media/upload/complete', JSON.stringify({ uploadId: opened.body.uploadId }), json), 202);
    if (completed === null) return;
    promised.set(completed.body.media.id, { id: completed.body.media.id, way: 'presigned', deletion: 'none' });
    count('presigned');
  };

  const remove = async (): Promise<void> => {
    const kept = [...promised.values()].filter(({ deletion }) => deletion === 'none');
    if (kept.length < 5) return;
    const target = random.pick(kept);
    target.deletion = 'asked';
    const path = `/media/${target.id}${random.next() < 0.7 ? '?purge=now' : ''}`;
    // Gone already: it had been deleted when the answer was cut off.
    if ((await retried('delete', () => ask('DELETE', path), 200, 404)) === null) return;
    target.deletion = 'answered';
    count('delete');
  };

  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const chance = random.next();
      try {
        await (chance < 0.3 ? direct('artist.images') : chance < 0.5 ? direct('listing.photos') : chance < 0.75 ? presigned() : remove());
      } catch (error) {
        if (!(error instanceof CutOff)) faults.push(String(error));
      }
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    promised,
    counts,
    faults,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** After a restart the product has another address, also for URLs that it gave out before; a bucket keeps its address. */
function placeOf(path: string, site: Site): URL {
  if (!URL.canParse(path)) return new URL(`${site.url()}/v1${path}`);
  const { pathname, search, href } = new URL(path);
  return pathname.startsWith('/storage/') ? new URL(pathname + search, site.url()) : new URL(href);
}

async function noisyPicture(side: number): Promise<Buffer<ArrayBuffer>> {
  const picture = await sharp({
    create: { width: side, height: Math.round(side * 0.75), channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 50 } },
  })
    .jpeg({ quality: 90 })
    .toBuffer();
  return Buffer.from(picture);
}
