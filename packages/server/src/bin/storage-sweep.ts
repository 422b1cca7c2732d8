import { defineCommand } from './command.ts';
import { counted } from './terminal.ts';
import { refuseForgetfulStores } from './storage-check.ts';

export const storageSweep = defineCommand({
  name: 'storage sweep',
  summary: 'Clean up now after a crash: expired uploads, abandoned writes, due removals.',
  details: 'Every server and worker does this every few seconds by itself. It only reads the ledger, so its cost does not depend on the size of the store.',
  examples: [{ args: 'storage sweep', purpose: 'Before a "storage check", if no server or worker runs.' }],
  async run(call) {
    const [{ withData }, { expireUploads }, { sweepLedger }] = await Promise.all([
      import('./with-data.ts'),
      import('../uploads/expire-uploads.ts'),
      import('../storage/sweep-ledger.ts'),
    ]);
    const swept = await withData(call, async (ctx) => {
      refuseForgetfulStores(ctx);
      return { ...(await expireUploads(ctx)), ...(await sweepLedger(ctx)) };
    });
    const { expired, abandoned, removed, failed } = swept;
    const text = `${counted(expired, 'upload')} expired, ${counted(abandoned, 'write')} given up, ${counted(removed, 'object')} removed${failed > 0 ? `, ${failed} could not be removed and will be tried again` : ''}.`;
    return { exitCode: failed > 0 ? 1 : 0, data: swept, text };
  },
});
