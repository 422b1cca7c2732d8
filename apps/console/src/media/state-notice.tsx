import type { Media } from '@safelight/contract/media';

import { describeState } from './describe-state.ts';
import { ReviewReason } from './review-reason.tsx';

export function StateNotice({ media }: { media: Media }) {
  const words = describeState(media);
  if (words === null) return null;
  return (
    <div className="notice plain" role="status">
      <div className="notice-body">
        <p>{words}</p>
        <ReviewReason media={media} />
      </div>
    </div>
  );
}
