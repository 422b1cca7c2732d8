import type { Media } from '@safelight/contract/media';

import { describeState } from './describe-state.ts';

export function StateNotice({ media }: { media: Media }) {
  const words = describeState(media);
  if (words === null) return null;
  return (
    <p className="notice plain" role="status">
      {words}
    </p>
  );
}
