import { randomUUID } from 'node:crypto';

import { operations } from '@safelight/contract/operations';
import { describe, expect, test } from 'vitest';

import { ask, expectProblem, into, newEntity, readyMedia, type Answer } from './support/api.ts';
import { jpeg } from './support/pictures.ts';

type Headers = Record<string, string>;
type Change = {
  /** The ETag of the resource that is about to be changed. */
  read: () => Promise<string>;
  ask: (headers: Headers) => Promise<Answer>;
  /** Reverts the change, so that it can be requested again. */
  undo?: () => Promise<unknown>;
};

const tagAt = (path: string) => async (): Promise<string> => (await ask('GET', path)).headers.get('etag') ?? '';

async function photo(): Promise<string> {
  return (await readyMedia(into('artist.images'), await jpeg())).id;
}
async function queued(): Promise<string> {
  const { entityType, entityId } = newEntity('tagged');
  return (await readyMedia({ collection: 'test.tagged', entityType, entityId }, await jpeg())).id;
}

const changes: Record<string, () => Promise<Change>> = {
  patchMedia: async () => {
    const path = `/media/${await photo()}`;
    return { read: tagAt(path), ask: async (headers) => await ask('PATCH', path, { headers, body: { altText: randomUUID() } }) };
  },
  deleteMedia: async () => {
    const path = `/media/${await photo()}`;
    return {
      read: tagAt(path),
      ask: async (headers) => await ask('DELETE', path, { headers }),
      undo: async () => await ask('POST', `${path}/restore`),
    };
  },
  deleteMediaByPath: async () => {
    const id = await photo();
    const { media } = (await ask('GET', `/media/${id}`)).body;
    return {
      read: tagAt(`/media/${id}`),
      // Encoded, as a generated client would.
      ask: async (headers) => await ask('DELETE', `/media/${encodeURIComponent(media.path)}`, { headers }),
      undo: async () => await ask('POST', `/media/${id}/restore`),
    };
  },
  syncEntityMedia: async () => {
    const fields = into('artist.images');
    const { id } = await readyMedia(fields, await jpeg());
    const path = `/entities/artist/${fields.entityId}/media`;
    return { read: tagAt(path), ask: async (headers) => await ask('PUT', path, { headers, body: { items: [{ id, altText: randomUUID() }] } }) };
  },
  changePolicy: async () => {
    const path = '/policies/test.tagged';
    const { policy } = (await ask('GET', path)).body;
    let batchSize = 10;
    return { read: tagAt(path), ask: async (headers) => await ask('PUT', path, { headers, body: { ...policy, batchSize: ++batchSize } }) };
  },
  decideReview: async () => {
    const path = `/media/${await queued()}`;
    return {
      read: tagAt(path),
      ask: async (headers) => await ask('POST', `${path}/review`, { headers, body: { decision: 'approved' } }),
      undo: async () => await ask('DELETE', `${path}/review`),
    };
  },
  undoReview: async () => {
    const path = `/media/${await queued()}`;
    const decide = async () => await ask('POST', `${path}/review`, { body: { decision: 'approved' } });
    await decide();
    return { read: tagAt(path), ask: async (headers) => await ask('DELETE', `${path}/review`, { headers }), undo: decide };
  },
  changeGrant: async () => {
    const { id } = await readyMedia(into('product.files'), await jpeg());
    const transaction = `order-${randomUUID()}`;
    await ask('POST', '/grants', { body: { transaction, assetIds: [id] } });
    const path = `/grants/${transaction}`;
    let most = 10;
    return {
      read: tagAt(path),
      ask: async (headers) => await ask('PATCH', path, { headers, body: { maxDownloads: ++most } }),
    };
  },
};

test('every operation that takes If-Match is tested here', () => {
  const taking = Object.entries(operations).flatMap(([id, about]) => ('headers' in about && 'if-match' in about.headers.shape ? [id] : []));
  expect(taking.toSorted()).toEqual(Object.keys(changes).toSorted());
});

describe('If-Match of', () => {
  test.each(Object.keys(changes))('%s lets through whoever saw the latest version, and nobody else', async (id) => {
    const change = await changes[id]?.();
    if (change === undefined) throw new Error(`${id} has no row`);
    const stale = await change.read();
    expect(stale).toMatch(/^"[^"]+"$/);
    for (const [index, of] of [(tag: string) => tag, (tag: string) => `W/${tag}`, (tag: string) => `"other" , ${tag}`, () => '*'].entries()) {
      if (index > 0) await change.undo?.();
      const tag = await change.read();
      const answer = await change.ask({ 'if-match': of(tag) });
      expect(answer.status, `${of(tag)}: ${JSON.stringify(answer.body)}`).toBe(200);
    }
    await change.undo?.();
    const tag = await change.read();
    expect(tag).not.toBe(stale);
    for (const refused of [stale, `W/${stale}`, '"other", "another"', tag.replaceAll('"', ''), tag.slice(0, -1), `w/${tag}`, '"*"', ','])
      expectProblem(await change.ask({ 'if-match': refused }), 412, 'precondition_failed');
    expect(await change.read(), 'nothing has changed').toBe(tag);
  });
});
