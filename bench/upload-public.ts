import type { Product } from './product.ts';

/** A file that anybody may read at once, made in the one request: its path on the server. */
export async function uploadPublic(product: Product, content: Buffer): Promise<{ pathname: string }> {
  const form = new FormData();
  form.set('collection', 'brand.assets');
  form.set('entityType', 'brand');
  form.set('entityId', 'bench');
  form.set('file', new Blob([new Uint8Array(content)], { type: 'application/octet-stream' }), 'bench.bin');
  const answer = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
  if (answer.status !== 201) throw new Error(`The upload of a public file answered ${answer.status}: ${await answer.text()}`);
  const { media } = (await answer.json()) as { media: { src: string } };
  return { pathname: new URL(media.src).pathname };
}
