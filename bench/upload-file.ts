import type { Product } from './product.ts';

export type Uploaded = { id: string; src: string | null };

/** Uploads one file directly; returns its record. */
export async function uploadFile(
  product: Pick<Product, 'url' | 'token'>,
  fields: Record<string, string>,
  file: { name: string; type: string; bytes: Buffer },
): Promise<Uploaded> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([new Uint8Array(file.bytes)], { type: file.type }), file.name);
  const answer = await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
  if (answer.status !== 201 && answer.status !== 202) throw new Error(`An upload to ${fields['collection']} answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { media: Uploaded }).media;
}

/** A file that anybody may read at once: its path on the server. */
export async function uploadPublic(product: Product, bytes: Buffer): Promise<string> {
  const { src } = await uploadFile(
    product,
    { collection: 'brand.assets', entityType: 'brand', entityId: 'bench' },
    { name: 'bench.bin', type: 'application/octet-stream', bytes },
  );
  return new URL(src ?? '').pathname;
}
