import type { Product } from '../../../packages/server/test/support/product.ts';
import { renderPhoto, samplePhotos } from './sample-photos.ts';

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Adds something of everything that the console shows: visible, waiting and failed photos; a purchase; a webhook endpoint with a delivery. */
export async function fillProduct(product: Product): Promise<void> {
  const headers = { authorization: `Bearer ${product.token}` };
  const call: Call = async (method, path, body) => {
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
    const answer = await fetch(`${product.url}/v1${path}`, { method, headers, ...json });
    const said: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${JSON.stringify(said)}`);
    return said;
  };
  const upload = async (bytes: Buffer, name: string, fields: Record<string, string>): Promise<string> => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), name);
    const answer = await fetch(`${product.url}/v1/media`, { method: 'POST', headers, body: form });
    return ((await answer.json()) as { media: { id: string } }).media.id;
  };
  const photos = await Promise.all(samplePhotos.slice(0, 6).map(async (photo) => ({ name: photo.name, bytes: await renderPhoto(photo) })));
  for (const { name, bytes } of photos) await upload(bytes, name, { collection: 'artist.images', entityType: 'artist', entityId: '42' });
  for (const { name, bytes } of photos.slice(0, 3)) await upload(bytes, name, { collection: 'user.library' });
  const { policy } = (await call('GET', '/policies/listing.photos')) as { policy: Record<string, unknown> };
  await call('PUT', '/policies/listing.photos', { ...policy, photoReviewEnabled: true, photoReviewProvider: 'manual' });
  const listing = { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' };
  for (const { name, bytes } of photos) await upload(bytes, name, listing);
  await upload(photos[0]?.bytes.subarray(0, 9_000) ?? Buffer.alloc(0), 'torn.jpg', listing);
  const sold = await upload(photos[1]?.bytes ?? Buffer.alloc(0), 'print.jpg', { collection: 'product.files', entityType: 'product', entityId: 'p1' });
  await settled(call);
  await call('POST', '/grants', { transaction: 'order-1042', assetIds: [sold], buyerId: 'kim', maxDownloads: 5 });
  await call('POST', '/webhooks', { url: 'http://127.0.0.1:9/hook', description: 'The shop' });
}

async function settled(call: Call): Promise<void> {
  for (;;) {
    const { jobs } = (await call('GET', '/jobs?limit=50')) as { jobs: { state: string }[] };
    if (jobs.every(({ state }) => state !== 'queued' && state !== 'active' && state !== 'retrying')) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
