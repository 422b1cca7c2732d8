import type { MediaRules } from './api.ts';
import type { RuleViolation } from './check-media-rules.ts';
import { describeType } from './describe-type.ts';

/** Why a file is refused whose type the rules accept: this server cannot process it. */
export const unprocessable = ({ type, reason }: MediaRules['unavailableTypes'][number]): RuleViolation => ({
  code: 'unsupported_codec',
  detail: `${describeType(type)} files cannot be processed here: ${reason}.`,
});
