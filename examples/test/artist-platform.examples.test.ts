import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { expectHonestOffline, expectNarrowPage, fileOf, pictureOf, walkExample } from './walk.ts';

describeInBrowser('artist-platform', () => {
  const walk = walkExample('artist-platform');

  test('three pictures are added, put in order by the keyboard, one becomes the profile picture, and all are saved at once', async () => {
    const { page, close } = await walk.open('edit');
    const form = page.getByRole('region', { name: 'Pictures' });
    await form.getByLabel('Add files').setInputFiles([await fileOf('one.jpg'), await fileOf('two.jpg'), await fileOf('three.jpg')]);
    await form.getByRole('img').nth(2).waitFor();
    const handle = form.getByRole('button', { name: /three\.jpg/ }).first();
    await handle.focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await form.getByLabel('Profile picture').nth(1).check();
    await form.getByRole('button', { name: 'Save' }).click();
    await expect
      .poll(async () => (await walk.manager().entities.read('artist', 'mira')).media.map(({ originalFileName }) => originalFileName))
      .toEqual(['three.jpg', 'one.jpg', 'two.jpg']);
    const shown = await walk.open('');
    await shown.page.locator('.portrait img').waitFor();
    await shown.page.getByRole('list', { name: 'Pictures' }).locator('img').nth(1).waitFor();
    await shown.close();
    await close();
  });

  test('a second tab that saved first causes a notice, and nothing is lost', async () => {
    const { media } = await walk.person().upload(await pictureOf('shared.jpg'), { collection: 'artist.images', entityType: 'artist', entityId: 'mira' }).result;
    const first = await walk.open('edit');
    const second = await walk.open('edit');
    const formOf = ({ page }: typeof first) => page.getByRole('region', { name: 'Pictures' });
    const wordsOf = (tab: typeof first) => formOf(tab).getByLabel('What it shows').last();
    await wordsOf(first).fill('Said in the first tab');
    await wordsOf(second).fill('Said in the second tab');
    await formOf(second).getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await walk.manager().media.read(media.id)).altText).toBe('Said in the second tab');
    await formOf(first).getByRole('button', { name: 'Save' }).click();
    await first.page.getByText('Somebody else saved in the meantime').waitFor();
    expect(await wordsOf(first).inputValue()).toBe('Said in the first tab');
    await first.close(/status of 412/);
    await second.close();
  });

  test('of several files, the one that is refused says why; nothing is saved before it is removed', async () => {
    const { page, close } = await walk.open('edit');
    const form = page.getByRole('region', { name: 'Pictures' });
    const before = (await walk.manager().entities.read('artist', 'mira')).media.length;
    const lie = { name: 'lie.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a photo') };
    await form.getByLabel('Add files').setInputFiles([await fileOf('good.jpg'), lie]);
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Nothing was saved').waitFor();
    const refused = form.getByRole('listitem').filter({ hasText: /its bytes are/ });
    expect((await walk.manager().entities.read('artist', 'mira')).media.length).toBe(before);
    await refused.getByRole('button', { name: 'Remove lie.jpg' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await walk.manager().entities.read('artist', 'mira')).media.length).toBe(before + 1);
    await close(/status of 422/);
  });

  test.each(['', 'edit'])('page "%s" suits a phone in the dark', async (at) => await expectNarrowPage(walk, at));

  test.each(['', 'edit'])('page "%s" says so when nobody can be reached', async (at) => await expectHonestOffline(walk, at));
});
