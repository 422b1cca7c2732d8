import { defineCommand, UsageError } from './command.ts';
import { limitOption } from './limit-option.ts';
import { table } from './terminal.ts';

export const audit = defineCommand({
  name: 'audit',
  summary: 'List media that were removed without an undo window, and by whom, and endpoints that were disabled; the newest first.',
  details: 'Entries are kept after their media are gone: they have the owner, the entity and the keys of the objects.',
  options: {
    media: { type: 'string', value: 'id', purpose: 'Only about this media.' },
    by: { type: 'string', value: 'id', purpose: 'Only actions of this caller.' },
    limit: limitOption,
    cursor: { type: 'string', value: 'cursor', purpose: 'Continue after the last page.' },
  },
  examples: [
    { args: 'audit', purpose: 'The last of them.' },
    { args: 'audit --media 0193a1b2-… --json', purpose: 'All details of one removal.' },
  ],
  async run(call) {
    const { media, by, limit, cursor } = call.options;
    const [{ auditQuerySchema }, { readValue }] = await Promise.all([import('@safelight/contract/audit'), import('../lib/read-value.ts')]);
    const query = readValue(auditQuerySchema, { assetId: media, actorId: by, limit, cursor });
    if (query.problems !== null) {
      const names: Record<string, string> = { assetId: 'media', actorId: 'by' };
      throw new UsageError(query.problems.map(({ field, message }) => `--${names[field] ?? field}: ${message}.`).join(' '));
    }
    const [{ withDatabase }, { listAudit }] = await Promise.all([import('./with-database.ts'), import('../assets/list-audit.ts')]);
    const page = await withDatabase(call, async (ctx) => await listAudit(ctx, query.data));
    if (page.entries.length === 0) return { data: page, text: 'There are no such entries.' };
    const lines = [
      table(
        ['at', 'by', 'action', 'media', 'collection', 'file name', 'owner'],
        page.entries.map(({ at, actorId, action, assetId, collection, detail }) => [
          at,
          actorId,
          action,
          assetId ?? '',
          collection ?? '',
          ...('fileName' in detail ? [detail.fileName, detail.ownerId] : [detail.url, '']),
        ]),
      ),
    ];
    if (page.nextCursor !== null) lines.push(`More: --cursor ${page.nextCursor}`);
    return { data: page, text: lines.join('\n') };
  },
});
