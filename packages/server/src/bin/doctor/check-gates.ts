import type { Config } from '../../config.ts';
import { kindRules } from '../../assets/kind-rules.ts';
import { doubtful, type Finding } from './finding.ts';

/** Whether everything in a collection whose policy may ask for a review is of a kind that reviewers can judge. */
export function checkGates({ collections }: Pick<Config, 'collections'>): Finding[] {
  return [...collections.values()].flatMap(({ name, gate, kinds }) => {
    const passing = kinds.filter((kind) => !kindRules[kind].reviewed);
    if (gate !== 'policy' || passing.length === 0) return [];
    return [
      doubtful(
        'gate',
        `${name} may ask for reviews, and takes ${passing.join(' and ')}, which reviewers cannot judge: that is shown without a review`,
        `Take ${passing.join(' and ')} in a collection of its own (docs/review.md).`,
      ),
    ];
  });
}
