/** The stand-in for Google Cloud Storage in a process of its own: in that of its client it would share the time and the memory that are measured. */
import { startGcsStub } from '../packages/server/test/support/gcs-stub.ts';

const [bucket = ''] = process.argv.slice(2);
const { endpoint, serviceAccountJson, createBucket } = await startGcsStub();
createBucket(bucket);
process.send?.({ endpoint, serviceAccountJson });
process.on('disconnect', () => process.exit(0));
