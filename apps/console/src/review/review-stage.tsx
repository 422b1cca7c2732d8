import type { QueuedMedia, ReviewDecision } from '@safelight/contract/reviews';

import { clockOf } from '../format/clock-of.ts';
import { describeBytes } from '../format/describe-bytes.ts';
import { describeType } from '../format/describe-type.ts';
import { AiMark } from '../media/ai-mark.tsx';
import { isPlayable, RecordingPlayer } from '../media/recording-player.tsx';
import { Icon } from '../parts/icon.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { describeClaim, turnOf } from './describe-claim.ts';
import { PixelView } from './pixel-view.tsx';
import { ReplacedPhoto } from './replaced-photo.tsx';
import { ReviewAttempts } from './review-attempts.tsx';

type ReviewStageProps = {
  item: QueuedMedia;
  me: string | null;
  busy: boolean;
  onDecide: (decision: ReviewDecision) => void;
  onRelease: () => void;
  onRetry: (() => void) | undefined;
};

/** The photo that is being decided on, as large as it fits, with what one has to know about it. */
export function ReviewStage({ item, me, busy, onDecide, onRelease, onRetry }: ReviewStageProps) {
  const { originalFileName, collection, entity, ownerId, width, height, durationMs, mimeType, byteSize, createdAt, altText, failure, replaces, review } = item;
  const turn = turnOf(item, me);
  const claim = describeClaim(item, me);
  // While something is on its way the buttons stay in reach of the keyboard: a disabled one would lose the focus.
  const waits = { disabled: turn === 'others', 'aria-disabled': busy };
  const facts = [
    ['Owner', ownerId],
    ['Belongs to', entity === null ? collection : `${entity.type}/${entity.id}, ${collection}`],
    [
      'File',
      [
        describeType(mimeType),
        describeBytes(byteSize),
        width === null || height === null ? '' : `${width} × ${height}`,
        durationMs === null ? '' : clockOf(durationMs / 1000),
      ]
        .filter(Boolean)
        .join(', '),
    ],
    ['Alt text', altText ?? ''],
  ].filter(([, value]) => value !== '');
  return (
    <article className="review-stage" aria-label={originalFileName}>
      <header className="detail-head">
        <h2 title={originalFileName}>{originalFileName}</h2>
        <AiMark media={item} />
        <span className="fine">
          uploaded <TimeAgo at={createdAt} />
        </span>
      </header>
      {isPlayable(item) ? <RecordingPlayer key={item.id} media={item} /> : <PixelView key={item.id} media={item} />}
      {claim !== null && (
        <p className="claim" data-turn={turn} role="status">
          {claim}
          {turn === 'others' && '. It can be decided on when they are done or let go of it.'}
        </p>
      )}
      {failure !== null && (
        <div className="notice bad">
          <Icon name="alert" />
          <div className="notice-body">
            <strong>The review failed</strong>
            <p>{failure.message}</p>
            <p className="fine">
              <code>{failure.code}</code>, {failure.attempts === 1 ? 'one attempt' : `${failure.attempts} attempts`}. Decide yourself, or let it be tried again.
            </p>
          </div>
        </div>
      )}
      <div className="actions review-actions">
        <button className="button good" type="button" {...waits} onClick={() => onDecide('approved')} aria-keyshortcuts="A">
          <Icon name="check" />
          Approve
        </button>
        {review !== 'rejected' && (
          <button className="button bad" type="button" {...waits} onClick={() => onDecide('rejected')} aria-keyshortcuts="R">
            <Icon name="close" />
            Reject…
          </button>
        )}
        {onRetry && (
          <button className="button" type="button" aria-disabled={busy} onClick={onRetry}>
            <Icon name="retry" />
            Try the review again
          </button>
        )}
        {turn === 'mine' && (
          <button className="button quiet" type="button" aria-disabled={busy} onClick={onRelease} aria-keyshortcuts="Escape">
            Release
          </button>
        )}
        <a className="button quiet" href={hrefOf('library', item.id)}>
          Open the record
        </a>
      </div>
      {replaces !== null && <ReplacedPhoto id={replaces} />}
      <dl className="record">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ReviewAttempts id={item.id} version={item.version} />
    </article>
  );
}
