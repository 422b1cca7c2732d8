import { defineCommand } from './command.ts';
import { table } from './terminal.ts';

export const policyShow = defineCommand({
  name: 'policy show',
  aliases: ['policy'],
  summary: 'Show the live policy of a collection, or of all.',
  details: 'The policy in the database is the one that holds; the configuration only gave its first values.',
  arguments: [{ name: 'collection', purpose: 'One of the declared collections; all by default.', optional: true }],
  examples: [
    { args: 'policy show listing.photos', purpose: 'One collection.' },
    { args: 'policy --json', purpose: 'All of them, for a script.' },
  ],
  async run(call) {
    const [{ withData }, { readPolicy }, { collectionNamed }] = await Promise.all([
      import('./with-data.ts'),
      import('../policy/read-policy.ts'),
      import('../policy/collection.ts'),
    ]);
    const [given] = call.arguments;
    const policies = await withData(call, async ({ db, collections }) => {
      const names = given === undefined ? [...collections.keys()] : [collectionNamed(collections, given).name];
      return await Promise.all(names.map(async (name) => await readPolicy(db, name)));
    });
    const text = policies.map(({ collection, ...values }) =>
      table(
        [call.terminal.paint('bold', collection), ''],
        Object.entries(values).map(([name, value]) => [name, value === null ? 'no limit' : Array.isArray(value) ? value.join(', ') : String(value)]),
      ),
    );
    return { data: given === undefined ? { policies } : { policy: policies[0] }, text: text.join('\n\n') };
  },
});
