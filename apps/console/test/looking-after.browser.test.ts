import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Media } from '@safelight/contract/media';
import type { Policy } from '@safelight/contract/media-rules';
import type { QueuedMedia } from '@safelight/contract/reviews';
import type { Browser, Page, Route } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../../packages/server/test/support/browser.ts';
import { describeInBrowser } from '../../../packages/server/test/support/describe-in-browser.ts';
import type { Product } from '../../../packages/server/test/support/product.ts';
import { beginAnewWhenTriedAgain, openProductInBrowser } from '../../../packages/server/test/support/product-in-browser.ts';
import { temporaryDirectory } from '../../../packages/server/test/support/temporary-directory.ts';
import { openConsole, type OpenConsole } from './open-console.ts';
import { renderPhoto, samplePhotos } from './sample-photos.ts';
import { signToken } from './sign-token.ts';

const secret = randomUUID() + randomUUID();
const moderator = (name: string): string => signToken(secret, name, 'media:review');

describeInBrowser('looking after the photos, in the console', () => {
  let product: Product;
  let browser: Browser;
  let dataDir: string;
  let photo: Buffer;
  beforeAll(async () => {
    dataDir = await temporaryDirectory();
    const draw = renderPhoto({ ...samplePhotos[0], width: 800, height: 600 });
    const [opened, drawn] = await Promise.all([openProductInBrowser({ dataDir, env: { SAFELIGHT_JWT_SECRET: secret } }), draw]);
    ({ product, browser } = opened);
    photo = drawn;
    return opened.close;
  });
  beforeEach(beginAnewWhenTriedAgain(() => product));

  const admin = signToken(secret, 'ada', 'media:admin');
  const open = async (options: Omit<OpenConsole, 'product' | 'browser'> = {}): Promise<Page> =>
    await openConsole({ product, browser, token: admin, ...options });
  const call = async <Answer>(method: string, at: string, body?: unknown, token = admin): Promise<Answer> => {
    const sent = body instanceof FormData ? { body } : body === undefined ? {} : { body: JSON.stringify(body) };
    const type = typeof sent.body === 'string' ? { 'content-type': 'application/json' } : {};
    const answer = await fetch(`${product.url}/v1${at}`, { method, headers: { authorization: `Bearer ${token}`, ...type }, ...sent });
    const said: unknown = await answer.json();
    expect(answer.ok, `${method} ${at} answered ${JSON.stringify(said)}`).toBe(true);
    return said as Answer;
  };
  const formWith = (name: string, fields: Record<string, string> = {}): FormData => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    form.set('file', new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), name);
    return form;
  };
  const inState = async (id: string, wanted: (media: Media) => boolean): Promise<Media> => {
    await expect.poll(async () => wanted((await call<{ media: Media }>('GET', `/media/${id}`)).media), { timeout: 20_000 }).toBe(true);
    return (await call<{ media: Media }>('GET', `/media/${id}`)).media;
  };
  /** A ready photo of a listing of its own. */
  const upload = async (name: string): Promise<Media> => {
    const fields = { collection: 'listing.photos', entityType: 'listing', entityId: randomUUID() };
    const { media } = await call<{ media: Media }>('POST', '/media', formWith(name, fields));
    return await inState(media.id, ({ status }) => status === 'ready');
  };
  const changePolicy = async (part: Partial<Policy>): Promise<void> => {
    const { policy } = await call<{ policy: Policy }>('GET', '/policies/listing.photos');
    await call('PUT', '/policies/listing.photos?reviewExisting=grandfather', { ...policy, ...part });
  };
  const decide = async (id: string, decision: 'approved' | 'rejected'): Promise<unknown> => await call('POST', `/media/${id}/review`, { decision });

  beforeEach(async () => {
    await changePolicy({ photoReviewEnabled: true, photoReviewProvider: 'manual' });
    await call('POST', '/review/queue/release', {});
    const { media } = await call<{ media: QueuedMedia[] }>('GET', '/review/queue');
    if (media.length > 0) await call('POST', '/review/decisions', { items: media.map(({ id }) => ({ id, decision: 'approved' })) });
  });

  describe('the moderators’ queue', () => {
    test('can be worked through with the keyboard alone: claim, approve, reject with a reason, until nothing waits', async () => {
      const page = await open({ at: '#/review', token: moderator('kim') });
      await page.getByText('Nothing waits').waitFor();
      const good = await upload('good.jpg');
      const bad = await upload('bad.jpg');
      await page.locator('.queue-row').filter({ hasText: 'bad.jpg' }).waitFor();
      await page.getByRole('heading', { name: 'good.jpg' }).waitFor();

      await page.keyboard.press('c');
      await page.getByText(/^Yours until/).waitFor();
      await page.keyboard.press('a');
      await page.getByText('good.jpg was approved.').waitFor();
      // A moderator who claims continues with the next one.
      await page.getByRole('heading', { name: 'bad.jpg' }).waitFor();
      await page.getByText(/^Yours until/).waitFor();
      await page.keyboard.press('r');
      await page.getByRole('dialog', { name: 'Reject bad.jpg' }).waitFor();
      await expectNoAxeViolations(page);
      await page.keyboard.type('Too dark');
      await page.keyboard.press('Enter');
      await page.getByText('Nothing waits').waitFor();

      expect(await inState(good.id, ({ published }) => published)).toMatchObject({ review: 'approved' });
      expect(await inState(bad.id, ({ review }) => review === 'rejected')).toMatchObject({ published: false });
      await page.goto(`${product.url}/console#/review?show=rejected`);
      await page.getByText('kim: Too dark').waitFor();
      const owners = await open({ at: `#/library/${bad.id}` });
      await owners.getByLabel('Reason').getByText('Too dark').waitFor();
      await expectNoAxeViolations(owners);
    });

    test('can be filtered by collection, shows single pixels, and counts decisions in one message', async () => {
      for (const name of ['one.jpg', 'two.jpg', 'three.jpg']) await upload(name);
      const page = await open({ at: '#/review' });
      await page.getByText('1 of 3').waitFor();
      await page.getByLabel('Collection').selectOption('listing.photos');
      await page.getByText('1 of 3').waitFor();
      expect(await page.evaluate(() => location.hash)).toBe('#/review?collection=listing.photos');
      await page.keyboard.press('z');
      const pixels = page.getByRole('group', { name: 'Pixel for pixel' }).locator('img');
      await expect.poll(() => pixels.evaluate((image: HTMLImageElement) => image.naturalWidth > 0 && image.naturalWidth === image.clientWidth)).toBe(true);
      await expectNoAxeViolations(page);
      await page.keyboard.press('a');
      await page.getByText('one.jpg was approved.').waitFor();
      await page.getByRole('heading', { name: 'two.jpg' }).waitFor();
      await page.getByRole('button', { name: 'Approve', exact: true, disabled: false }).waitFor();
      await page.keyboard.press('a');
      await page.getByText('2 approved.').waitFor();
      await page.getByLabel('Collection').selectOption('artist.images');
      await page.getByText('Nothing waits').waitFor();
      await page.getByLabel('Collection').selectOption('');
      await page.getByText('1 of 1').waitFor();
    });

    test('counts all that wait, rejects with a reason by one key, and takes decisions back one after the other', async () => {
      const names = Array.from({ length: 3 }, (_, index) => `many-${index}.jpg`);
      const photos = [];
      for (const name of names) photos.push(await upload(name));
      const page = await open({ at: '#/review' });
      // A short page of a long queue: the number is the server's.
      await page.route('**/v1/review/queue?*', async (route) => {
        const answer = await route.fetch();
        const body = (await answer.json()) as { media: QueuedMedia[]; total: number };
        await route.fulfill({ response: answer, json: { ...body, total: body.total + 232 } });
      });
      await page.getByText('1 of 235').waitFor();
      await page.getByRole('button', { name: 'Reject: Not what is offered' }).waitFor();
      await page.keyboard.press('2');
      await page.getByText('many-0.jpg was rejected.').waitFor();
      expect(await inState(photos[0]?.id ?? '', ({ review }) => review === 'rejected')).toMatchObject({ reviewReason: 'Not what is offered' });
      await page.getByRole('heading', { name: 'many-1.jpg' }).waitFor();
      await page.getByRole('button', { name: 'Approve', exact: true, disabled: false }).waitFor();
      await page.keyboard.press('a');
      await page.getByText('many-1.jpg was approved.').waitFor();
      await page.getByText('1 of 233').waitFor();
      await page.getByRole('list', { name: 'Keys' }).getByText('undo').waitFor();
      await page.keyboard.press('u');
      await page.getByText('many-1.jpg waits again.').waitFor();
      await page.getByRole('heading', { name: 'many-1.jpg' }).waitFor();
      await page.getByRole('button', { name: 'Undo the last decision' }).click();
      await page.getByText('many-0.jpg waits again.').waitFor();
      await page.getByText('1 of 235').waitFor();
      for (const { id } of photos) expect((await inState(id, () => true)).review).toBe('queued');
      await expectNoAxeViolations(page);
    });

    test('says that another moderator has claimed one, and stops saying so when they release it', async () => {
      const { id } = await upload('wanted.jpg');
      await upload('other.jpg');
      await call('POST', '/review/queue/claim', { limit: 1 }, moderator('lee'));
      const page = await open({ at: '#/review', token: moderator('kim') });
      const row = page.locator('.queue-row').filter({ hasText: 'wanted.jpg' });
      await row.getByText('Taken by lee').waitFor();
      await page.getByRole('heading', { name: 'other.jpg' }).waitFor();
      await row.getByRole('button').click();
      await page.getByText(/lee is looking at it, until/).waitFor();
      expect(await page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
      await page.keyboard.press('a');
      expect((await inState(id, () => true)).review).toBe('queued');
      await call('POST', '/review/queue/release', {}, moderator('lee'));
      await row.getByText('Taken by lee').waitFor({ state: 'detached' });
      expect(await page.getByRole('button', { name: 'Approve' }).isEnabled()).toBe(true);
    });

    test('brings a photo back that could not be decided on, to where it was, and says why', async () => {
      for (const name of ['first.jpg', 'second.jpg', 'third.jpg']) await upload(name);
      const page = await open({ at: '#/review' });
      const row = (name: string) => page.locator('.queue-row').filter({ hasText: name });
      await row('second.jpg').locator('.queue-show').click();
      await page.getByRole('heading', { name: 'second.jpg' }).waitFor();
      // Somebody else takes all of them, and this page does not hear of it before the decision.
      const reading = Promise.withResolvers<void>();
      await page.route('**/v1/review/queue?**', async (route) => {
        await reading.promise;
        await route.continue();
      });
      await call('POST', '/review/queue/claim', { limit: 3 }, moderator('lee'));
      const refused = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/review'));
      await page.keyboard.press('a');
      expect((await refused).status()).toBe(409);
      const message = page.getByRole('region', { name: 'Messages' });
      await message.getByText('second.jpg was not approved').waitFor();
      await message.getByText(/^Another moderator is looking at it until/).waitFor();
      await page.getByRole('heading', { name: 'second.jpg' }).waitFor();
      expect(await page.locator('.queue-name').allTextContents()).toEqual(['first.jpg', 'second.jpg', 'third.jpg']);
      await page.getByText('2 of 3').waitFor();
      expect(await message.getByRole('button', { name: 'Undo' }).count(), 'there is nothing to take back').toBe(0);
      reading.resolve();
      await page.getByText(/lee is looking at it/).waitFor();
      expect(await page.getByRole('button', { name: 'Approve', exact: true }).isDisabled()).toBe(true);
    });

    test('decides on many at once, and never puts another photo in the place of one that somebody else decided on', async () => {
      const [first, second, third] = [await upload('one.jpg'), await upload('two.jpg'), await upload('three.jpg')];
      const page = await open({ at: '#/review' });
      await page.getByRole('heading', { name: 'one.jpg' }).waitFor();
      await decide(first.id, 'approved');
      await page.getByText('It does not wait any more').waitFor();
      await page.keyboard.press('a');
      await page.getByLabel('Select two.jpg').check();
      await page.getByLabel('Select three.jpg').check();
      await page.getByRole('button', { name: 'Reject all…' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Reject', exact: true }).click();
      await page.getByText('2 of 2 rejected.').waitFor();
      for (const { id } of [second, third]) expect((await inState(id, () => true)).review).toBe('rejected');
    });

    test('keeps a failed review until it is retried or decided by hand', async () => {
      await changePolicy({ photoReviewProvider: 'disabled' });
      const { id } = await upload('unasked.jpg');
      await inState(id, ({ review }) => review === 'failed');
      const page = await open({ at: '#/review?show=failed' });
      await page.getByText('The review failed').waitFor();
      await page.getByText('review_provider_disabled').first().waitFor();
      await page.getByRole('button', { name: 'Try the review again' }).click();
      await page.getByText('It is being reviewed again.').waitFor();
      await inState(id, ({ review }) => review === 'failed');
      await page.getByRole('heading', { name: 'unasked.jpg' }).waitFor();
      await page.getByRole('button', { name: 'Approve' }).click();
      await inState(id, ({ published }) => published);
    });

    test('shows a reader which rights they have, and no action that would be refused', async () => {
      const { id } = await upload('looked-at.jpg');
      await decide(id, 'approved');
      const page = await open({ token: signToken(secret, 'ada', 'media:read'), at: `#/library/${id}` });
      await page.getByRole('heading', { name: 'looked-at.jpg' }).waitFor();
      await page.getByText('May look and change nothing').waitFor();
      const offered = async (): Promise<string> => (await page.getByRole('button').allTextContents()).join('|') + (await page.getByRole('checkbox').count());
      expect(await offered()).not.toMatch(/Delete|Replace|Save|Try again|[1-9]$/);
      for (const [hash, there] of [
        // There is no page to upload on, and no place to drop files on.
        ['#/upload', '.tile'],
        ['#/jobs', 'tbody tr'],
      ] as const) {
        await page.evaluate((to) => location.assign(to), hash);
        await page.locator(there).first().waitFor();
        expect(await page.locator('.drop-zone').count()).toBe(0);
        expect(await offered()).not.toMatch(/Delete|Replace|Cancel|Try again|Upload|[1-9]$/);
        await expectNoAxeViolations(page);
      }
      expect(await page.getByRole('navigation', { name: 'Console' }).getByRole('link').allTextContents()).toEqual(['Library', 'Jobs']);
    });

    test('is offered only to people who may decide', async () => {
      const page = await open({ token: signToken(secret, 'sam', 'media:write'), at: '#/review' });
      await page.getByRole('heading', { name: 'Upload' }).waitFor();
      const names = await page.getByRole('navigation', { name: 'Console' }).getByRole('link').allTextContents();
      expect(names).toEqual(['Upload', 'Generate', 'Library', 'Jobs']);
    });
  });

  describe('a policy', () => {
    test('is changed in human units, asks about existing photos when the gate is closed, and has a history', async () => {
      await changePolicy({ photoReviewEnabled: false });
      const page = await open({ at: '#/policies' });
      await page.getByRole('link', { name: /^listing\.photos/ }).click();
      await page.getByLabel('Maximum file size').fill('12.5 MB');
      await page.getByLabel('Narrowest aspect ratio').fill('3');
      await page.getByLabel('Widest aspect ratio').fill('2');
      await page.getByRole('button', { name: 'Save the policy' }).click();
      await page.getByText('At most “Widest aspect ratio”, which is 2: nothing could pass').waitFor();
      await expectNoAxeViolations(page);
      await page.getByLabel('Narrowest aspect ratio').fill('');
      await page.getByLabel('A photo stays hidden until a review allows it').check();
      await page.getByRole('button', { name: 'Save the policy' }).click();
      const dialog = page.getByRole('dialog', { name: 'Turn the review gate on' });
      await dialog.waitFor();
      await expectNoAxeViolations(page);
      await dialog.getByLabel('Let them pass').check();
      await dialog.getByRole('button', { name: 'Turn it on' }).click();
      const newest = page.locator('.policy-history li').first();
      await newest.getByText('What was there passed without a review.').waitFor();
      expect(await newest.textContent()).toMatch(/^ada .*Maximum file sizewas .*is 12\.5 MB/);
      const { policy } = await call<{ policy: Policy }>('GET', '/policies/listing.photos');
      expect(policy).toMatchObject({ maxBytes: 13_107_200, photoReviewEnabled: true, maxAspectRatio: 2 });
      await changePolicy({ maxAspectRatio: null });
    });

    test('that somebody else changed first is shown in its current form, with the change applied on top of it', async () => {
      const page = await open({ at: '#/policies/listing.photos' });
      await page.getByLabel('Minimum width').fill('320');
      // The page first learns of it when saving.
      const meanwhile = async (route: Route): Promise<void> => {
        await changePolicy({ maxItems: 77 });
        await route.continue();
      };
      await page.route('**/v1/policies/listing.photos', meanwhile, { times: 1 });
      await page.getByRole('button', { name: 'Save the policy' }).click();
      await page.getByText('ada changed this policy meanwhile').waitFor();
      await page.getByRole('alert').getByText('is 77').waitFor();
      // Where the user is looking: in view and focused, and next to the field itself.
      await expect
        .poll(() => page.getByRole('alert').evaluate((notice) => notice === document.activeElement && notice.getBoundingClientRect().bottom <= innerHeight + 1))
        .toBe(true);
      await page.locator('label').filter({ hasText: 'Maximum per entity' }).getByText('ada has changed this to 77').waitFor();
      await expectNoAxeViolations(page);
      await page.getByRole('button', { name: 'Put my changes on top' }).click();
      await page.getByRole('button', { name: 'Save the policy' }).click();
      await page.getByText('has its new policy').waitFor();
      const { policy } = await call<{ policy: Policy }>('GET', '/policies/listing.photos');
      expect(policy).toMatchObject({ minWidth: 320, maxItems: 77 });
      await changePolicy({ minWidth: null });
    });
  });

  test('a photo is replaced: the new one waits next to it, takes its place when it is approved, and the old one can be restored', async () => {
    const live = await upload('live.jpg');
    await decide(live.id, 'approved');
    const page = await open({ at: `#/library/${live.id}` });
    await page.getByRole('heading', { name: 'live.jpg' }).waitFor();
    await page.getByLabel('Replace', { exact: true }).setInputFiles({ name: 'better.jpg', mimeType: 'image/jpeg', buffer: photo });
    const replacement = page.getByRole('region', { name: 'Replacement' });
    await replacement.getByText('Waits for review').waitFor();
    await replacement.getByText(/The photo that it replaces is shown until then/).waitFor();
    await expectNoAxeViolations(page);
    expect((await inState(live.id, () => true)).published).toBe(true);

    const { media } = await call<{ media: QueuedMedia[] }>('GET', '/review/queue');
    const waiting = media.find(({ replaces }) => replaces === live.id);
    await decide(waiting?.id ?? '', 'approved');
    await page.getByRole('heading', { name: 'live.jpg was replaced' }).waitFor();
    await page.getByRole('button', { name: 'Take the old one back' }).click();
    await page.getByRole('heading', { name: 'live.jpg', exact: true }).waitFor();
    await inState(live.id, ({ published }) => published);
  });

  test('discrepancies are found, explained and saved as a file', async () => {
    await mkdir(path.join(dataDir, 'objects/media/stranger'), { recursive: true });
    await writeFile(path.join(dataDir, 'objects/media/stranger/=1+1.bin'), 'not ours');
    const page = await open({ at: '#/discrepancies' });
    await page.getByLabel(/Only below this path/).fill('media/stranger');
    await page.getByRole('button', { name: 'Run the report' }).click();
    await page.getByRole('heading', { name: /^Unknown object/ }).waitFor();
    await page.getByText('media/stranger/=1+1.bin').waitFor();
    await page.getByText(/Safelight never deletes what it did not write/).waitFor();
    const saved = async (button: string): Promise<string> => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
      return await readFile(await download.path(), 'utf8');
    };
    expect(await saved('Download CSV')).toMatch(/^class,provider.*\r\nunknown_object,filesystem,objects,media\/stranger\/=1\+1\.bin/);
    expect(JSON.parse(await saved('Download JSON'))).toMatchObject({ summary: { total: 1, unknown_object: 1 } });
  });

  test.each([
    { dark: false, narrow: false },
    { dark: true, narrow: true },
  ])('breaks no rule of accessibility and never scrolls sideways (dark: $dark, narrow: $narrow)', async (look) => {
    await upload('a-photo-with-a-name-that-is-longer-than-anybody-would-like-it-to-be.jpg');
    const page = await open(look);
    for (const [hash, there] of [
      ['#/review', '.queue-row'],
      ['#/policies/listing.photos', '.policy-history li'],
      ['#/discrepancies', '.class-list'],
    ] as const) {
      await page.evaluate((to) => location.assign(to), hash);
      await page.locator(there).first().waitFor();
      await expectNoAxeViolations(page);
      const { content, window } = await page.evaluate(() => ({ content: document.documentElement.scrollWidth, window: innerWidth }));
      expect(content, `${hash} is wider than its window`).toBeLessThanOrEqual(window);
    }
  });
});
