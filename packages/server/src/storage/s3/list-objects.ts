import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListOptions, ListPage } from '../store.ts';
import { mostPerPage } from '../store-limits.ts';
import { callOptions, type S3Bucket } from './s3-bucket.ts';
import { s3Error } from './s3-error.ts';

/** The cursor is the last key: S3 lists in byte order, so a listing can continue from any key, even days later and in another process. */
export async function listObjects(bucket: S3Bucket, { prefix, cursor, limit = mostPerPage, signal }: ListOptions): Promise<ListPage> {
  const options = callOptions(bucket, signal);
  try {
    const command = new ListObjectsV2Command({
      Bucket: bucket.bucket,
      MaxKeys: Math.min(limit, mostPerPage),
      // Unencoded, keys that XML cannot carry would make the whole page unreadable.
      EncodingType: 'url',
      ...(prefix && { Prefix: prefix }),
      ...(cursor && { StartAfter: cursor }),
    });
    const { Contents = [], IsTruncated } = await bucket.client.send(command, options);
    const objects = Contents.map(({ Key = '', Size = 0, LastModified, ETag }) => ({
      key: decodeURIComponent(Key.replaceAll('+', ' ')),
      bytes: Size,
      modifiedAt: LastModified ?? new Date(0),
      etag: ETag ?? null,
    }));
    return { objects, cursor: IsTruncated === true ? (objects.at(-1)?.key ?? null) : null };
  } catch (error) {
    throw s3Error(bucket, error, { signal });
  }
}
