import { randomUUID } from 'node:crypto';

import { createClient, SafelightProblem } from '@safelight/client';
import { verifyWebhook, WebhookRefused } from '@safelight/client/webhooks';
import { Hono } from 'hono';

import { signToken } from '../shared/sign-token.ts';
import type { Surroundings } from '../shared/start-example.ts';
import { openBooks } from './orders.ts';
import { files } from './product.ts';

/** The shop's back end: only it knows who has paid, so only it creates grants, and it receives a webhook when a file is ready. */
export const createApp = ({ safelightURL, consoleURL, jwtSecret, webhookSecret, dataDir }: Surroundings): Hono => {
  const books = openBooks(dataDir);
  const safelight = createClient({ baseURL: safelightURL, token: () => signToken({ sub: 'shop', scope: 'media:manage' }, jwtSecret) });
  const app = new Hono();

  app.get('/api/about', (c) => c.json({ consoleURL }));
  app.get('/api/media-token', async (c) => c.text(await signToken({ sub: 'cleo', scope: 'media:write', entities: ['product/*'] }, jwtSecret)));

  // In real life a payment provider calls this. The number of the payment is the transaction: a repeated call creates one grant.
  app.post('/api/buy', async (c) => {
    const { media } = await safelight.media.list({ collection: files.collection, entity: `${files.entityType}/${files.entityId}` });
    const sold = media.filter(({ status }) => status === 'ready').map(({ id }) => id);
    if (sold.length === 0) return c.json({ message: 'There is nothing to sell yet: upload a file first.' }, 409);
    const transaction = `order-${randomUUID().slice(0, 13)}`;
    await safelight.grants.create({ transaction, assetIds: sold, maxDownloads: 5 });
    books.addOrder(transaction);
    return c.json({ transaction });
  });
  app.get('/api/orders', (c) => c.json({ orders: books.orders() }));
  app.get('/api/orders/:transaction', async (c) => c.json(await safelight.grants.read(c.req.param('transaction'))));
  app.post('/api/orders/:transaction/refund', async (c) => c.json(await safelight.grants.revoke(c.req.param('transaction'))));
  app.post('/api/orders/:transaction/undo-refund', async (c) => c.json(await safelight.grants.restore(c.req.param('transaction'))));

  // Every message is delivered at least once: a repeated one has the same id, and is recorded once.
  app.post('/api/webhooks', async (c) => {
    const event = await verifyWebhook(await c.req.text(), c.req.raw.headers, webhookSecret);
    if (event.type === 'media_published') {
      const { collection, originalFileName } = event.data.media;
      if (collection === files.collection)
        books.addNotice({ id: c.req.header('webhook-id') ?? '', at: event.timestamp, text: `${originalFileName ?? 'A file'} is ready to be sold` });
    }
    return c.body(null, 204);
  });
  app.get('/api/notices', (c) => c.json({ notices: books.notices() }));

  app.onError((error, c) => {
    if (error instanceof WebhookRefused) return c.text(error.message, 401);
    if (error instanceof SafelightProblem) return c.json({ message: error.detail }, error.status === 404 ? 404 : 502);
    throw error;
  });
  return app;
};
