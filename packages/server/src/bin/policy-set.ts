import type { PolicyRules } from '@safelight/contract/media-rules';

import { closestName } from '../lib/closest-name.ts';
import { defineCommand, UsageError } from './command.ts';
import { valueText } from './policy-show.ts';
import { table } from './terminal.ts';

const existingChoices = ['review', 'grandfather'] as const;

export const policySet = defineCommand({
  name: 'policy set',
  summary: 'Change values of a collection’s live policy, for the next request on every server.',
  details:
    'Values that are not named stay the same. "none" removes a limit; lists are separated by commas. The change is recorded in the history, and mistakes are reported before anything changes.',
  arguments: [
    { name: 'collection', purpose: 'One of the declared collections.' },
    { name: 'name=value', purpose: 'One or more: maxItems=20 photoReviewEnabled=true acceptedTypes=image/jpeg,image/png.', many: true },
  ],
  options: {
    existing: {
      type: 'string',
      value: 'choice',
      purpose: `If this closes the gate, what happens to existing photos: ${existingChoices.join(' or ')}; review by default.`,
    },
  },
  examples: [
    { args: 'policy set listing.photos maxItems=20 maxBytes=10485760', purpose: 'Two values at once.' },
    {
      args: 'policy set listing.photos photoReviewEnabled=true photoReviewProvider=manual --existing grandfather',
      purpose: 'New photos wait for a review; existing ones stay visible.',
    },
    { args: 'policy set listing.photos maxItems=none', purpose: 'No limit.' },
  ],
  async run(call) {
    const [name = '', ...pairs] = call.arguments;
    const existing = existingChoices.find((one) => one === (call.options.existing ?? 'review'));
    if (existing === undefined) throw new UsageError(`--existing is "${call.options.existing}"; wanted: ${existingChoices.join(' or ')}.`);
    const [
      { withDatabase },
      { readPolicy },
      { changePolicy, policyETag },
      { collectionNamed },
      { mediaURLs },
      { createSigning },
      { baseURLOf },
      { policyRulesSchema },
      { changedKeys },
      { readValue },
    ] = await Promise.all([
      import('./with-database.ts'),
      import('../policy/read-policy.ts'),
      import('../review/change-policy.ts'),
      import('../policy/collection.ts'),
      import('../delivery/media-urls.ts'),
      import('../lib/signing.ts'),
      import('./with-data.ts'),
      import('@safelight/contract/media-rules'),
      import('../policy/changed-keys.ts'),
      import('../lib/read-value.ts'),
    ]);
    return await withDatabase(call, async (ctx) => {
      const { config } = ctx;
      const before = await readPolicy(ctx.site.db, collectionNamed(ctx.site.collections, name).name);
      const given = Object.fromEntries(pairs.map((pair) => readPair(pair, Object.keys(policyRulesSchema.shape), before)));
      const { data: rules, problems } = readValue(policyRulesSchema, { ...rulesOf(before, Object.keys(policyRulesSchema.shape)), ...given });
      if (problems !== null) throw new UsageError(problems.map(({ field, message }) => `${field}: ${message}.`).join(' '));
      const { db, clock, collections } = ctx.site;
      const urls = mediaURLs({ baseURL: baseURLOf(config), signing: createSigning(config.signingKeys), clock, collections });
      const about = { ...ctx, site: { db, clock, collections, urls, purgesCdn: config.cdnPurge !== null, ceilings: config.ceilings } };
      // `ifMatch` protects a change that somebody made since the policy was read.
      const policy = await changePolicy(about, { collection: name, rules, reviewExisting: existing, ifMatch: policyETag(before) });
      const changed = changedKeys(before, rules);
      const rows = changed.map((key) => [key, valueText(read(before, key)), valueText(read(policy, key))]);
      return {
        data: { policy, changed },
        text: changed.length === 0 ? 'Nothing changed: these are the values that hold.' : table([name, 'before', 'now'], rows),
      };
    });
  },
});

const read = (policy: object, key: string): unknown => Object.entries(policy).find(([name]) => name === key)?.[1];
const rulesOf = (policy: object, names: readonly string[]): object => Object.fromEntries(Object.entries(policy).filter(([name]) => names.includes(name)));

/** Parses the text as the type of the current value, if possible; the schema reports other problems. */
function readPair(pair: string, names: readonly string[], before: PolicyRules): [string, unknown] {
  const at = pair.indexOf('=');
  const name = at === -1 ? pair : pair.slice(0, at);
  if (!names.includes(name)) {
    const meant = closestName(name, names);
    throw new UsageError(`A policy has no value "${name}".${meant === null ? ` There are: ${names.join(', ')}.` : ` Did you mean ${meant}?`}`);
  }
  if (at === -1) throw new UsageError(`Say what "${name}" is to be: ${name}=<value>.`);
  const text = pair.slice(at + 1).trim();
  if (Array.isArray(read(before, name)))
    return [
      name,
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    ];
  if (text === 'none' || text === 'null') return [name, null];
  if (text === 'true' || text === 'false') return [name, text === 'true'];
  return [name, text !== '' && Number.isFinite(Number(text)) ? Number(text) : text];
}
