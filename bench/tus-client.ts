import { randomUUID } from 'node:crypto';
import type http from 'node:http';

import type { Product } from './product.ts';
import { expectStatus, sendBody } from './send-body.ts';

const octets = 'application/offset+octet-stream';

/** Where uploads of a benchmark go: the endpoint, and the headers that its server needs. */
export type TusServer = { url: string; headers: Record<string, string>; metadata(): Record<string, string> };

export const authorized = (product: Product): Record<string, string> => ({ authorization: `Bearer ${product.token}` });
export const somewhere = (): Record<string, string> => ({ collection: 'product.files', entityType: 'product', entityId: randomUUID() });
export const tusOf = (product: Product): TusServer => ({
  url: `${product.url}/v1/uploads/tus`,
  headers: authorized(product),
  metadata: () => ({ ...somewhere(), filename: 'a.bin' }),
});

const metadataOf = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key} ${btoa(value)}`)
    .join(',');

export async function openTus({ url, headers, metadata }: TusServer, bytes: number, agent?: http.Agent): Promise<string> {
  const asked = { ...headers, 'tus-resumable': '1.0.0', 'upload-length': String(bytes), 'upload-metadata': metadataOf(metadata()) };
  const created = await expectStatus(201, sendBody('POST', url, asked, [], agent));
  return new URL(created.headers.location ?? '', url).href;
}

export const patchHeaders = (headers: Record<string, string>, offset: number): Record<string, string> => ({
  ...headers,
  'tus-resumable': '1.0.0',
  'upload-offset': String(offset),
  'content-type': octets,
});

/** A whole upload: one POST, and a PATCH for each of `bodies`. */
export async function sendTus(server: TusServer, bodies: readonly (readonly Buffer[])[], agent?: http.Agent): Promise<void> {
  const sizes = bodies.map((body) => body.reduce((sum, part) => sum + part.length, 0));
  const location = await openTus(
    server,
    sizes.reduce((sum, size) => sum + size, 0),
    agent,
  );
  let offset = 0;
  for (const [index, body] of bodies.entries()) {
    await expectStatus(204, sendBody('PATCH', location, patchHeaders(server.headers, offset), body, agent));
    offset += sizes[index] ?? 0;
  }
}
