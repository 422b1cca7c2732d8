import { defineCommand, UsageError } from './command.ts';
import { limitOption } from './limit-option.ts';
import { table } from './terminal.ts';

export const audit = defineCommand({
  name: 'audit',
  summary: 'List what was removed for good without an undo window, and by whom, and which endpoints were disabled; the newest first.',
  details: 'An entry stays when its media is gone: it says whose it was, at which entity, and under which keys its objects lay.',
  options: {
    media: { type: 'string', value: 'id', purpose: 'Only about this media.' },
    by: { type: 'string', value: 'id', purpose: 'Only what this caller did.' },
    limit: limitOption,
    cursor: { type: 'string', value: 'cursor', purpose: 'Go on where the last page ended.' },
  },
  examples: [
    { args: 'audit', purpose: 'The last of them.' },
    { args: 'audit --media 0193a1b2-… --json', purpose: 'Everything that is remembered of one removal.' },
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
