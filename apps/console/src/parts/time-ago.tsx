import { useNow } from './use-now.ts';
import { describeAge } from '../format/describe-age.ts';
import { momentOf } from '../format/moment-of.ts';

export function TimeAgo({ at }: { at: string }) {
  const now = useNow(15_000);
  return (
    <time dateTime={at} title={momentOf(at)}>
      {describeAge(now - Date.parse(at))}
    </time>
  );
}
