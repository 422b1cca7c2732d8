import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

import { patienceMs } from '../../lib/patience.ts';
import { openStore } from '../../storage/open-store.ts';
import { storeName } from '../../storage/locator.ts';
import type { Store } from '../../storage/store.ts';
import type { StoreConfig } from '../../storage/store-config.ts';
import { checkPresign } from './check-presign.ts';
import { broken, fine, messageOf, type Finding } from './finding.ts';

const fixes: Record<StoreConfig['provider'], string> = {
  filesystem: 'Check that the directory exists, belongs to the account that runs Safelight, and has room.',
  mocked: 'A mocked store cannot fail; this is a fault in Safelight.',
  s3: 'Check S3_BUCKET, AWS_REGION, AWS_ENDPOINT_URL_S3, the credentials, and that they allow s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket.',
  azure: 'Check AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_CONTAINER, and that the account may read, write, delete and list blobs.',
  gcs: 'Check GCS_BUCKET, GCS_SERVICE_ACCOUNT_JSON, and that the account has the role Storage Object Admin on the bucket.',
};

/** Not below any collection's prefix, so that it never looks like an object of ours; every check has a name of its own. */
const probePrefix = 'safelight-doctor/';

/** Writes an object, reads it whole and in part, finds it in a listing, and deletes it. */
export async function checkStore(config: StoreConfig, { signal }: { signal: AbortSignal }): Promise<Finding[]> {
  const check = `store ${storeName(config)}`;
  let step = 'opening it';
  let store: Store | null = null;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs.checkStore)]);
  try {
    store = await openStore(config);
    const startedAt = performance.now();
    for await (const name of roundTrip(store, limited)) step = name;
    return [
      fine(
        check,
        `wrote, read whole and in part, listed${store.capabilities.presignedPut === 'direct' ? ', put by a signed URL' : ''} and deleted an object in ${Math.round(performance.now() - startedAt)} ms`,
      ),
    ];
  } catch (error) {
    if (signal.aborted) throw error;
    return [broken(check, `${step} failed: ${messageOf(error)}`, fixes[config.provider])];
  } finally {
    await store?.close();
  }
}

/** Yields the name of each step before it is taken. The object is deleted however far the check got. */
async function* roundTrip(store: Store, signal: AbortSignal): AsyncGenerator<string, void> {
  const key = `${probePrefix}${randomUUID()}`;
  const bytes = Buffer.from(`written by safelight doctor at ${new Date().toISOString()}`);
  const expect = (found: boolean, sentence: string): void => {
    if (!found) throw new Error(sentence);
  };
  try {
    yield 'writing';
    await store.put(key, bytes, { contentType: 'text/plain', signal });
    yield 'reading';
    const whole = await store.get(key, { signal });
    expect(whole !== null && (await buffer(whole.body)).equals(bytes), 'other bytes came back than were written');
    yield 'reading a range';
    const part = await store.get(key, { range: { start: 3, end: 9 }, signal });
    expect(part !== null && (await buffer(part.body)).equals(bytes.subarray(3, 10)), 'the range held other bytes than it should');
    yield 'listing';
    const { objects } = await store.list({ prefix: key, signal });
    expect(
      objects.some((object) => object.key === key),
      'what was just written is not in the listing',
    );
    yield 'using signed URLs';
    const skew = await checkPresign(store, key, signal);
    expect(skew === null, `${skew ?? ''}; signed URLs will be refused. Let a time service set the clock`);
    yield 'deleting';
    const { failed } = await store.delete([key], { signal });
    expect(failed.length === 0, failed[0]?.reason ?? '');
    expect((await store.head(key, { signal })) === null, 'it is still there after it was deleted');
  } catch (error) {
    await store.delete([key], { signal: AbortSignal.timeout(patienceMs.check) }).catch(() => undefined);
    throw error;
  }
}
