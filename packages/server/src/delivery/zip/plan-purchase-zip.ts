import { enqueue } from '../../jobs/enqueue.ts';
import { SafelightError } from '../../lib/errors.ts';
import { transact } from '../../lib/transact.ts';
import type { DeliveryContext } from '../find-delivery.ts';
import { findAllGranted, type Granted, type Proof } from '../find-granted.ts';
import { nameEntries } from './name-entries.ts';
import { planZip, type ZipPlan } from './plan-zip.ts';

export type OpenedZip = { plan: ZipPlan; files: Granted[]; modifiedAt: Date };

/** Plans a purchase as one archive, for its buyer: the position of everything is known before anything is read. */
export async function planPurchaseZip(ctx: DeliveryContext, input: Proof & { transaction: string }): Promise<OpenedZip> {
  const files = await findAllGranted(ctx, input);
  const names = nameEntries(files.map(({ delivery }) => delivery.fileName));
  const entries = files.flatMap(({ delivery, crc32 }, index) =>
    crc32 === null ? [] : [{ name: names[index] ?? '', bytes: delivery.bytes, crc32, modifiedAt: delivery.modifiedAt }],
  );
  if (entries.length < files.length) {
    const [first] = files;
    if (first !== undefined) await askForChecksums(ctx, first);
    throw new SafelightError('storage_unavailable', 'The archive is being prepared. Try again in a while, or download the files one by one now.', {
      headers: { 'retry-after': '10' },
    });
  }
  return { plan: planZip(entries), files, modifiedAt: new Date(Math.max(...entries.map(({ modifiedAt }) => modifiedAt.getTime()))) };
}

async function askForChecksums(ctx: DeliveryContext, { grantId, grantedBy }: Granted): Promise<void> {
  await transact(ctx.site.db, async (tx) => {
    await enqueue(tx, { type: 'take.checksums', ownerId: grantedBy, singletonKey: grantId, data: { grantId } });
  });
}
