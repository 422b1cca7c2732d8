import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { splitKeys } from '../split-keys.ts';
import type { CallOptions, DeleteResult } from '../store.ts';
import { callOptions, type S3Bucket } from './s3-bucket.ts';
import { s3Error } from './s3-error.ts';

const keysPerRequest = 1_000;

/** A request that fails as a whole reports all its keys as failed; other requests keep their own results. */
export async function deleteObjects(bucket: S3Bucket, keys: readonly string[], { signal }: CallOptions = {}): Promise<DeleteResult> {
  const { batches, failed } = splitKeys(keys, keysPerRequest);
  const deleted: string[] = [];
  let answered = false;
  for (const batch of batches) {
    const options = callOptions(bucket, signal);
    try {
      const command = new DeleteObjectsCommand({ Bucket: bucket.bucket, Delete: { Quiet: true, Objects: batch.map((Key) => ({ Key })) } });
      const { Errors = [] } = await bucket.client.send(command, options);
      const refused = new Map(Errors.map(({ Key = '', Code, Message }) => [Key, Message || Code || 'refused by the provider']));
      for (const key of batch) {
        const reason = refused.get(key);
        if (reason === undefined) deleted.push(key);
        else failed.push({ key, reason });
      }
      answered = true;
    } catch (error) {
      const refusal = s3Error(bucket, error, { signal });
      if (!answered || signal?.aborted) throw refusal;
      failed.push(...batch.map((key) => ({ key, reason: refusal instanceof Error ? refusal.message : String(refusal) })));
    }
  }
  return { deleted, failed };
}
