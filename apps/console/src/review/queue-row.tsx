import type { QueuedMedia } from '@safelight/contract/reviews';
import { turnOf } from '@safelight/react/review';

import { lengthOf } from '../format/length-of.ts';
import { AiMark } from '../media/ai-mark.tsx';
import { MediaPicture } from '../media/media-picture.tsx';
import { titleOf } from '../media/title-of.ts';
import { TimeAgo } from '../parts/time-ago.tsx';
import { describeClaim } from './describe-claim.ts';

type QueueRowProps = { item: QueuedMedia; me: string | null; current: boolean; selected: boolean; onShow: () => void; onSelect: (selected: boolean) => void };

export function QueueRow({ item, me, current, selected, onShow, onSelect }: QueueRowProps) {
  const turn = turnOf(item, me);
  const claim = describeClaim(item, me);
  return (
    <li className="queue-row" data-turn={turn} data-current={current}>
      <label className="queue-check">
        <input type="checkbox" checked={selected} disabled={turn === 'others'} onChange={(event) => onSelect(event.target.checked)} />
        <span className="visually-hidden">Select {titleOf(item)}</span>
      </label>
      <button className="queue-show" type="button" onClick={onShow} aria-current={current ? 'true' : undefined}>
        <MediaPicture media={item} sizes="4rem" className="queue-picture" lazy alt="" />
        <span className="queue-words">
          <span className="queue-name" dir="auto">
            {titleOf(item)}
          </span>
          <span className="fine">
            {item.kind === 'video' && item.durationMs !== null && `video, ${lengthOf(item.durationMs)} · `}
            {item.ownerId} · <TimeAgo at={item.createdAt} />
          </span>
          <AiMark media={item} />
          {claim !== null && (
            <span className="badge" data-tone={turn === 'mine' ? 'good' : 'busy'}>
              {turn === 'mine' ? 'Yours' : `Taken by ${item.claim?.by ?? ''}`}
            </span>
          )}
        </span>
      </button>
    </li>
  );
}
