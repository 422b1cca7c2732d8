import { createClient } from '@safelight/client';
import { expect, test } from 'vitest';

import { createReviewQueue } from './review-queue.ts';

const ids = [1, 2, 3].map((number) => `01930000-0000-7000-8000-00000000000${number}`);
const [first = '', second = '', third = ''] = ids;
const claim = { by: 'kim', until: '2026-01-01T00:00:00.000Z' };
const queued = (id: string) => ({ id, version: 1, review: 'queued', claim: null, originalFileName: `${id.at(-1)}.jpg` });

/** A queue of three. The third is claimed by somebody else, and decisions about it are refused. */
function serverOfThree() {
  const waiting = new Set(ids);
  const takenBack = new Set<string>();
  const asked: string[] = [];
  const through: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname.replace('/v1', '')}`);
    if (pathname.endsWith('/claim')) return Response.json({ media: [{ ...queued(second), claim }] });
    if (pathname.endsWith('/release')) return Response.json({ released: 1 });
    if (pathname.endsWith('/queue'))
      return Response.json({
        media: ids.filter((id) => waiting.has(id)).map((id) => (takenBack.has(id) ? { ...queued(id), claim } : queued(id))),
        nextCursor: null,
        total: waiting.size,
        presets: ['Blurred'],
      });
    if (pathname.endsWith('/decisions')) {
      const { items } = (await request.json()) as { items: { id: string }[] };
      for (const { id } of items) if (id !== third) waiting.delete(id);
      const results = items.map(({ id }) => (id === third ? { id, status: 409, problem: { detail: 'lee looks at it.' } } : { id, status: 200 }));
      return Response.json({ results });
    }
    const id = pathname.split('/').at(-2) ?? '';
    if (id === third && request.method === 'POST')
      return Response.json({ code: 'conflict', status: 409, title: 'Conflict', detail: 'lee looks at it.' }, { status: 409 });
    if (request.method === 'DELETE') {
      waiting.add(id);
      takenBack.add(id);
    } else waiting.delete(id);
    return Response.json({ media: queued(id) });
  };
  return { asked, client: createClient({ baseURL: 'http://media.test', fetch: through }) };
}

/** The queue while it is displayed. */
async function look() {
  const { client, asked } = serverOfThree();
  const queue = createReviewQueue(client, {});
  const stop = queue.subscribe(() => undefined);
  const shown = () => queue.getSnapshot().items.map(({ id }) => id);
  await expect.poll(shown).toEqual(ids);
  return { queue, asked, shown, stop };
}

test('claims the next item, says who has it, and releases it', async () => {
  const { queue, shown, stop } = await look();
  expect(await queue.claim()).toMatchObject({ id: second, claim });
  expect(queue.getSnapshot().me).toBe('kim');
  expect(shown()).toEqual(ids);
  expect(await queue.release(second)).toBe(true);
  expect(queue.getSnapshot().items.find(({ id }) => id === second)?.claim).toBe(null);
  stop();
});

test('decides on many at once, reports refusals among them, and can take back all decisions of that time', async () => {
  const { queue, shown, stop } = await look();
  const decided = await queue.decideMany([first, second, third], 'rejected', 'Blurred');
  expect(decided?.items.map(({ id }) => id)).toEqual([first, second]);
  expect(queue.getSnapshot()).toMatchObject({ total: 1, refusal: { code: 'conflict', detail: 'lee looks at it.' } });
  expect(shown()).toEqual([third]);
  expect((await queue.undo())?.items).toHaveLength(2);
  expect(shown()).toEqual(ids);
  expect(queue.getSnapshot()).toMatchObject({ total: 3, last: null });
  stop();
});

test('finds an item that it took back, which the server claims for it, by its server id', async () => {
  const { queue, stop } = await look();
  await queue.decide(first, 'approved');
  await queue.undo();
  await expect.poll(() => queue.getSnapshot().me).toBe('kim');
  expect(queue.getSnapshot().items.find(({ id }) => id === first)?.claim).toEqual(claim);
  stop();
});

test('takes an item out before the answer, brings it back to its place if it is refused, and says why until the next action', async () => {
  const { queue, asked, shown, stop } = await look();
  const deciding = queue.decide(third, 'approved');
  expect(shown()).toEqual([first, second]);
  expect(queue.getSnapshot()).toMatchObject({ total: 2, isBusy: true });
  expect(await deciding).toBe(null);
  const count = asked.length;
  await expect.poll(() => asked.length).toBeGreaterThan(count);
  expect(shown()).toEqual(ids);
  expect(queue.getSnapshot()).toMatchObject({ total: 3, last: null, error: null, refusal: { code: 'conflict' } });
  await queue.claim();
  expect(queue.getSnapshot().refusal).toBe(null);
  stop();
});

test('says that it reads only at first and for a further page, not while it is kept up to date', async () => {
  const { queue, asked, stop } = await look();
  const said: boolean[] = [];
  const leave = queue.subscribe(() => void said.push(queue.getSnapshot().isLoading));
  const count = asked.length;
  await queue.release(second);
  await expect.poll(() => asked.slice(count).filter((what) => what === 'GET /review/queue').length).toBeGreaterThan(0);
  expect(said).not.toContain(true);
  leave();
  stop();
});

test('does one thing at a time: two quick presses are one action', async () => {
  const { queue, asked, stop } = await look();
  const [one, two] = await Promise.all([queue.decide(first, 'approved'), queue.decide(second, 'approved')]);
  expect([one?.items[0]?.id, two]).toEqual([first, null]);
  expect(asked.filter((what) => what.startsWith('POST'))).toEqual([`POST /media/${first}/review`]);
  stop();
});
