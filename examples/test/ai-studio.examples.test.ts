import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { expectHonestOffline, expectNarrowPage, fileOf, walkExample } from './walk.ts';

describeInBrowser('ai-studio', () => {
  const walk = walkExample('ai-studio');

  test('four pictures are requested, one fails: three are shown, with the reason; the daily allowance decreases, and generated pictures are marked', async () => {
    const { page, close } = await walk.open('');
    await page.getByLabel('How many').fill('4');
    await page.getByLabel('Let the second picture fail').check();
    await page.getByRole('button', { name: 'Generate' }).press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent), 'the focus stays').toBe('Generate');
    const results = page.getByRole('list', { name: 'Results' });
    await results.getByRole('img').nth(2).waitFor();
    expect(await results.getByRole('listitem').count()).toBe(3);
    expect(await results.getByText('AI', { exact: true }).count()).toBe(3);
    await page.getByText(/^Picture 2: /).waitFor();
    expect(await page.getByLabel('How many').inputValue(), 'what was asked for').toBe('4');
    await page.getByLabel('Begin from').waitFor();
    await page.getByLabel('Model').selectOption('local · local-video');
    expect(await page.getByLabel('Begin from').count(), 'this model takes no pictures').toBe(0);
    await page
      .locator('[data-usage]')
      .getByText(/[34] of 12 pictures and/)
      .waitFor();
    await close();
  });

  test('a reload in the middle finds the job again', async () => {
    const { page, close } = await walk.open('');
    await page.getByLabel('How many').fill('2');
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.waitForFunction(() => sessionStorage.getItem('studio-job') !== null);
    await page.reload();
    await page.getByRole('list', { name: 'Results' }).locator('img').nth(1).waitFor();
    await close();
  });

  test('beyond the daily allowance it is refused with a sentence', async () => {
    const { page, close } = await walk.open('');
    for (let round = 0; round < 4; round += 1) {
      await page.getByLabel('How many').fill('4');
      await page.getByRole('button', { name: 'Generate' }).click();
      const refused = page.locator('.problem').first();
      await expect
        .poll(async () => (await refused.isVisible()) || (await page.getByRole('list', { name: 'Results' }).getByRole('img').count()) === 4)
        .toBe(true);
      if (await refused.isVisible()) break;
      await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
    }
    await page.locator('.problem').first().waitFor();
    await page.locator('[data-usage]').getByText('The count starts again at').waitFor();
    await close(/status of 409/);
  });

  test('an upload is in the library, where it can be deleted by its path and restored', async () => {
    const upload = await walk.open('upload');
    await upload.page
      .locator('input[type=file]')
      .first()
      .setInputFiles([await fileOf('mine.jpg')]);
    await upload.page.getByRole('list', { name: 'Media' }).locator('img').first().waitFor();
    await upload.close();
    const { page, close } = await walk.open('library');
    await page.getByRole('button', { name: /mine\.jpg/ }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: /mine\.jpg/ }).waitFor();
    await page.getByLabel('Show').selectOption({ label: 'Made here: pictures' });
    await page.getByRole('button', { name: /mine\.jpg/ }).waitFor({ state: 'detached' });
    await page.locator('[data-delete]').first().waitFor();
    await close();
  });

  test.each(['', 'upload', 'library'])('page "%s" suits a phone in the dark', async (at) => await expectNarrowPage(walk, at));

  test.each(['', 'library'])('page "%s" says so when nobody can be reached', async (at) => await expectHonestOffline(walk, at));
});
