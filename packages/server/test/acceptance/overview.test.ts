import { expect, test } from 'vitest';

import { ask, expectProblem, into, needsUsers, newUser, readyMedia } from './support/api.ts';
import { jpeg } from './support/pictures.ts';

test('the overview counts the media, the arrivals of the last hour, and the bytes in the stores', async () => {
  const before = (await ask('GET', '/admin/overview')).body.overview;
  expect(before.hours).toHaveLength(24);
  const of = (overview: typeof before, name: string) => overview.collections.find(({ collection }: { collection: string }) => collection === name);
  expect(of(before, 'brand.assets')).toMatchObject({ media: expect.any(Number), bytes: expect.any(Number) });
  const picture = await jpeg();
  // One more each time, because other tests delete some of theirs meanwhile.
  const published = async (): Promise<number> => {
    await readyMedia(into('artist.images'), picture);
    return of((await ask('GET', '/admin/overview')).body.overview, 'artist.images').published;
  };
  await expect.poll(published, { timeout: 20_000, interval: 1_000 }).toBeGreaterThan(of(before, 'artist.images').published);
  const { overview } = (await ask('GET', '/admin/overview')).body;
  expect(overview.hours.at(-1).uploads + overview.hours.at(-2).uploads).toBeGreaterThan(0);
  expect(overview.stores.reduce((sum: number, { objects }: { objects: number }) => sum + objects, 0)).toBeGreaterThan(0);
  expect(overview.eventsPerSecond).toBeGreaterThanOrEqual(0);
});

test.skipIf(needsUsers !== null)('the overview is for managers', async () => {
  expectProblem(await ask('GET', '/admin/overview', await newUser()), 403, 'forbidden');
});
