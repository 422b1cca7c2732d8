import { patienceMs } from '../../lib/patience.ts';
import type { Store } from '../../storage/store.ts';

/** Longer than a slow answer takes, shorter than the smallest tolerance of providers: five minutes on Azure, fifteen on S3. */
const skewMs = 120_000;

/** Puts and gets an object by signed URLs, over HTTP, as a browser would. Returns null, or the difference of the clocks when it is too large. */
export async function checkPresign(store: Store, probe: string, signal: AbortSignal): Promise<string | null> {
  if (store.presignPut === undefined || store.capabilities.presignedPut !== 'direct') return null;
  // A new key: some providers bind a signed PUT to creation only.
  const key = `${probe}-signed`;
  const bytes = Buffer.from('put by a signed URL');
  const { method, url, headers } = await store.presignPut(key, { contentType: 'text/plain', bytes: bytes.length, expiresInSeconds: 120 });
  try {
    const put = await fetch(url, { method, headers, body: new Uint8Array(bytes), signal });
    const said = await put.text();
    if (!put.ok) throw new Error(`the provider answered ${put.status} to a signed PUT: ${said.replace(/\s+/g, ' ').slice(0, 200)}`);
    if (store.presignGet !== undefined && store.capabilities.presignedGet) {
      const got = await fetch(await store.presignGet(key, { expiresInSeconds: 120 }), { signal });
      if ((await got.text()) !== bytes.toString() || !got.ok) throw new Error(`the provider answered ${got.status} to a signed GET`);
    }
    const date = put.headers.get('date');
    const apart = date === null ? 0 : Math.abs(Date.parse(date) - Date.now());
    return apart > skewMs ? `the clocks of this machine and the provider are ${Math.round(apart / 1000)} s apart` : null;
  } finally {
    await store.delete([key], { signal: AbortSignal.timeout(patienceMs.check) }).catch(() => undefined);
  }
}
