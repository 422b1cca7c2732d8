import { turnOf } from '@safelight/react/review';

import { AiMark } from '../media/ai-mark.tsx';
import { isPlayable, RecordingPlayer } from '../media/recording-player.tsx';
import { titleOf } from '../media/title-of.ts';
import { Icon } from '../parts/icon.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { DecisionBar, type DecisionBarProps } from './decision-bar.tsx';
import { describeClaim } from './describe-claim.ts';
import { PixelView } from './pixel-view.tsx';
import { ReplacedPhoto } from './replaced-photo.tsx';
import { ReviewAttempts } from './review-attempts.tsx';
import { ReviewFacts } from './review-facts.tsx';

type ReviewStageProps = Omit<DecisionBarProps, 'turn'> & { me: string | null };

/** The photo that is being decided on, as large as it fits, with what one has to know about it. */
export function ReviewStage({ item, me, ...decisions }: ReviewStageProps) {
  const { createdAt, failure, replaces } = item;
  const title = titleOf(item);
  const turn = turnOf(item, me);
  const claim = describeClaim(item, me);
  return (
    <article className="review-stage" aria-label={title}>
      <header className="detail-head">
        <h2 dir="auto" title={title}>
          {title}
        </h2>
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
      <DecisionBar item={item} turn={turn} {...decisions} />
      {replaces !== null && <ReplacedPhoto id={replaces} />}
      <ReviewFacts item={item} />
      <ReviewAttempts id={item.id} version={item.version} />
    </article>
  );
}
