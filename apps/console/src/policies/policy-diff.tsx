import { Icon } from '../parts/icon.tsx';
import { describePolicyValue } from './describe-policy-value.ts';
import { labelOf } from './policy-fields.ts';

type PolicyDiffProps = { keys: readonly string[]; before: Readonly<Record<string, unknown>> | null; after: Readonly<Record<string, unknown>> };

/** What each value was and is. */
export function PolicyDiff({ keys, before, after }: PolicyDiffProps) {
  return (
    <ul className="policy-diff">
      {keys.map((key) => (
        <li key={key}>
          <span className="diff-name">{labelOf(key)}</span>
          <span className="diff-values">
            {before !== null && (
              <>
                <del>
                  <span className="visually-hidden">was </span>
                  {describePolicyValue(key, before[key])}
                </del>
                <Icon name="next" />
              </>
            )}
            <ins>
              <span className="visually-hidden">is </span>
              {describePolicyValue(key, after[key])}
            </ins>
          </span>
        </li>
      ))}
    </ul>
  );
}
