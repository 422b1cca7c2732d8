import { RestError } from '@azure/storage-blob';
import { expect, test } from 'vitest';

import { azureError } from './azure/azure-error.ts';
import { filesystemError } from './filesystem/filesystem-error.ts';
import { gcsError } from './gcs/gcs-error.ts';
import type { S3Bucket } from './s3/s3-bucket.ts';
import { s3Error } from './s3/s3-error.ts';

const named = (name: string): Error => Object.assign(new Error('at 10.1.2.3'), { name });
const systemError = Object.assign(new Error('at /srv/objects'), { code: 'EROFS', syscall: 'open' });

test.each([
  ['S3', s3Error({ bucket: 'inside' } as S3Bucket, named('AccessDenied'))],
  ['S3, by an error that nobody knows', s3Error({ bucket: 'inside' } as S3Bucket, named('Strange'))],
  ['Azure', azureError({ container: 'inside' }, new RestError('at 10.1.2.3', { code: 'ContainerNotFound', statusCode: 404 }))],
  ['Google Cloud Storage', gcsError({ bucket: 'inside' }, named('Strange'))],
  ['a file system', filesystemError({ location: 'inside', root: '/srv/objects' } as Parameters<typeof filesystemError>[0], systemError)],
])('what went wrong with %s is named to the operator only', (_where, error) => {
  expect(error).toMatchObject({ code: 'storage_unavailable', retryable: true, message: expect.stringContaining('inside') });
  expect(error).toMatchObject({ detail: expect.not.stringMatching(/inside|10\.1\.2\.3|srv|Strange|Denied/) });
});
