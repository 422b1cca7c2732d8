import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { startProvider, whyNoProvider } from '../../packages/server/test/support/provider.ts';
import { walkExample } from './walk.ts';

const why = whyNoProvider('s3');

describeInBrowser(
  'creator-shop, on a bucket with another one for uploads',
  () => {
    const walk = walkExample('creator-shop', async () => {
      const { env, stop } = await startProvider('s3');
      return { env, end: stop };
    });

    test('a direct upload of an older application is moved to the final bucket, and can be sold before and after', async () => {
      const { url, safelight } = walk.running();
      const bytes = randomBytes(2_000_000);
      // Like a form of an older application: one POST, with the seller's token.
      const token = await (await fetch(`${url}/api/media-token`)).text();
      const form = new FormData();
      for (const [name, value] of Object.entries({ collection: 'product.files', entityType: 'product', entityId: 'course' })) form.set(name, value);
      form.set('file', new Blob([bytes]), 'old templates.bin');
      const answer = await fetch(`${safelight.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form });
      expect(answer.status).toBe(202);
      const { media } = (await answer.json()) as { media: { id: string } };

      const { page, close } = await walk.open('sell');
      await page.getByText(/old templates\.bin is ready to be sold/).waitFor();
      await page.getByRole('link', { name: 'The course' }).click();
      await page.getByRole('button', { name: 'Buy' }).click();
      const address = (await page.getByRole('link', { name: 'old templates.bin' }).getAttribute('href')) ?? '';
      const bought = async (): Promise<boolean> => Buffer.from(await (await fetch(address)).arrayBuffer()).equals(bytes);
      expect(await bought()).toBe(true);

      await expect
        .poll(async () => (await walk.manager().jobs.list({ type: 'mirror' })).jobs.map(({ assetId, state }) => ({ assetId, state })))
        .toEqual([{ assetId: media.id, state: 'complete' }]);
      expect(await bought()).toBe(true);
      await close();
    });
  },
  why,
);
