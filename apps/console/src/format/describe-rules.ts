import type { MediaRules } from '@safelight/contract/media-rules';

import { describeBytes } from '@safelight/contract/describe-bytes';
import { describeType } from '@safelight/contract/describe-type';

/** What is taken at this moment: a server may lack what some accepted types need. */
export const takenTypes = ({ acceptedTypes, unavailableTypes }: MediaRules): string[] =>
  acceptedTypes.filter((type) => !unavailableTypes.some((one) => one.type === type));

const describeLength = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.floor(ms / 1000)} s`);

/** What would be taken if this server could process it, with the reason: otherwise it would only be missing from what is taken. */
const describeLacks = ({ unavailableTypes }: MediaRules): string[] =>
  [...new Set(unavailableTypes.map(({ reason }) => reason))].map((because) => {
    const types = unavailableTypes.filter(({ reason }) => reason === because).map(({ type }) => describeType(type));
    return `no ${types.join(', ')} here: ${because}`;
  });

/** What a collection takes, as short facts in the order in which people run into them. */
export function describeRules(rules: MediaRules): string[] {
  const types = takenTypes(rules).map(describeType).join(', ');
  const facts = [types || 'takes nothing at this moment', ...describeLacks(rules), `up to ${describeBytes(rules.maxBytes)}`];
  if (rules.maxMegapixels !== null) facts.push(`up to ${rules.maxMegapixels} megapixels`);
  if (rules.minWidth !== null || rules.minHeight !== null) facts.push(`at least ${rules.minWidth ?? 1} × ${rules.minHeight ?? 1} pixels`);
  if (rules.minAspectRatio !== null || rules.maxAspectRatio !== null)
    facts.push(`${rules.minAspectRatio ?? 0} to ${rules.maxAspectRatio ?? 'any'} times as wide as high`);
  if (rules.maxRecordingBytes !== null) facts.push(`recordings up to ${describeBytes(rules.maxRecordingBytes)}`);
  if (rules.maxDurationMs !== null) facts.push(`up to ${describeLength(rules.maxDurationMs)}`);
  if (rules.maxItems !== null) facts.push(`${rules.maxItems} for each ${rules.entityType ?? 'owner'}`);
  return facts;
}
