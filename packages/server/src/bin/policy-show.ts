import { mostOnPage, usualOnPage } from '@safelight/contract/limits';

import { defineCommand, UsageError } from './command.ts';
import { numberOption } from './number-option.ts';
import { table } from './terminal.ts';

export const policyShow = defineCommand({
  name: 'policy show',
  aliases: ['policy'],
  summary: 'Show the live policy of a collection, or of all; or who changed it.',
  details: 'The policy in the database applies; the configuration only provided its first values.',
  arguments: [{ name: 'collection', purpose: 'One of the declared collections; all by default.', optional: true }],
  options: {
    history: { type: 'boolean', purpose: 'Every change of one collection, the newest first: when, by whom, from what to what.' },
    limit: { type: 'string', value: 'number', purpose: `With --history: how many at most, up to ${mostOnPage}; ${usualOnPage} by default.` },
    cursor: { type: 'string', value: 'cursor', purpose: 'With --history: continue after the last page.' },
  },
  examples: [
    { args: 'policy show listing.photos', purpose: 'One collection.' },
    { args: 'policy show listing.photos --history', purpose: 'Every change, and who made it.' },
    { args: 'policy --json', purpose: 'All of them, for a script.' },
  ],
  async run(call) {
    const [{ withDatabase }, { readPolicy }, { collectionNamed }] = await Promise.all([
      import('./with-database.ts'),
      import('../policy/read-policy.ts'),
      import('../policy/collection.ts'),
    ]);
    const [given] = call.arguments;
    const { history = false, cursor } = call.options;
    if (history) {
      if (given === undefined) throw new UsageError('Say whose history: safelight policy show <collection> --history.');
      const { readPolicyHistory } = await import('../policy/read-policy-history.ts');
      const limit = numberOption('limit', call.options.limit, { least: 1, most: mostOnPage, usual: usualOnPage });
      const page = await withDatabase(
        call,
        async (ctx) =>
          await readPolicyHistory(ctx, { collection: collectionNamed(ctx.site.collections, given).name, limit, ...(cursor === undefined ? {} : { cursor }) }),
      );
      if (page.changes.length === 0) return { data: page, text: 'Nobody has changed it: the values of the configuration hold.' };
      const rows = page.changes.flatMap(({ at, by, changed, before, after }) =>
        changed.map((name, index) => [
          index === 0 ? at : '',
          index === 0 ? by : '',
          name,
          before === null ? '' : valueText(before[name]),
          valueText(after[name]),
        ]),
      );
      const more = page.nextCursor === null ? [] : [`More: --cursor ${page.nextCursor}`];
      return { data: page, text: [table(['at', 'by', 'value', 'before', 'after'], rows), ...more].join('\n') };
    }
    const policies = await withDatabase(call, async ({ site: { db, collections } }) => {
      const names = given === undefined ? [...collections.keys()] : [collectionNamed(collections, given).name];
      return await Promise.all(names.map(async (name) => await readPolicy(db, name)));
    });
    const text = policies.map(({ collection, ...values }) =>
      table(
        [call.terminal.paint('bold', collection), ''],
        Object.entries(values).map(([name, value]) => [name, valueText(value)]),
      ),
    );
    return { data: given === undefined ? { policies } : { policy: policies[0] }, text: text.join('\n\n') };
  },
});

export const valueText = (value: unknown): string =>
  value === null ? 'no limit' : Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value);
