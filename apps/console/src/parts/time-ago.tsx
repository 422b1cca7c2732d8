import { useNow } from './use-now.ts';
import { describeAge } from '../format/describe-age.ts';

export function TimeAgo({ at }: { at: string }) {
  const now = useNow(15_000);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {describeAge(now - Date.parse(at))}
    </time>
  );
}
