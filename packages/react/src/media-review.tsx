'use client';
import { KitContext } from './context.ts';
import { useAnnouncer } from './live-region.tsx';
import { frameOf, part, withRef, type FrameProps } from './part.tsx';
import { useKit, type KitOptions } from './provider.ts';
import { Decide } from './review-decide.tsx';
import { english, type ReviewLabels } from './review-labels.ts';
import { ReviewPicture } from './review-picture.tsx';
import { ReviewList } from './review-list.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useReview } from './use-review.ts';
import { useReviewKeys } from './use-review-keys.ts';
import { useReviewQueue, type ReviewQueueOptions } from './use-review-queue.ts';

export type MediaReviewProps = Omit<KitOptions, 'labels'> &
  FrameProps<'section'> &
  ReviewQueueOptions & {
    labels?: Partial<ReviewLabels> | undefined;
    /** Keyboard shortcuts while the focus is inside: A approves, R rejects, U undoes, C claims the next, Escape releases, 1 to 9 reject with a preset. Default true. */
    shortcuts?: boolean | undefined;
    /** This moderator's id on the server: earlier claims are then recognised at once. */
    me?: string | undefined;
  };

const Frame = part('section', 'review');
const Head = part('p', 'place');
const Empty = part('p', 'empty');
const Next = part('button', 'decision');
const Problem = part('p', 'problem');

/** The review queue for your own admin: the waiting items, the current item, and the decision buttons. */
export const MediaReview = withRef(function MediaReview(props: MediaReviewProps): React.JSX.Element {
  const { labels: given, unstyled, shortcuts = true, me, className: _, id: _1, ref: _2, render: _3, style: _4, ...options } = props;
  const kit = useKit({ unstyled });
  const labels: ReviewLabels = { ...english, ...given };
  const queue = useReviewQueue(options);
  const { items, total, last, isLoading, presets } = queue;
  const problem = queue.refusal ?? queue.error;
  const { say, region } = useAnnouncer();
  const review = useReview(queue, me ?? queue.me, labels, say);
  const { item, at, turn, show, decide, undo, claim, release } = review;
  const step = (by: 1 | -1): void => show(items[at + by]?.id ?? item?.id ?? null);
  const onKeyDown = useReviewKeys(shortcuts, { decide, undo, claim, release, presets, step });
  const focus = useKeptFocus();
  return (
    <KitContext.Provider value={kit}>
      <Frame
        {...frameOf(props)}
        {...focus}
        aria-label={labels.review}
        data-state={isLoading ? 'loading' : items.length === 0 ? 'empty' : 'idle'}
        onKeyDown={onKeyDown}
      >
        {items.length === 0 && <Empty>{isLoading ? labels.loading : labels.empty}</Empty>}
        {item && (
          <>
            <Head>{labels.place(at + 1, Math.max(total, items.length))}</Head>
            <ReviewPicture key={item.id} item={item} turn={turn} labels={labels} />
          </>
        )}
        {!item && items.length > 0 && (
          <Empty>
            {labels.gone}{' '}
            <Next type="button" onClick={() => show(null)}>
              {labels.showNext}
            </Next>
          </Empty>
        )}
        {(item ?? last ?? items[0]) && (
          <Decide item={item} turn={turn} queue={queue} labels={labels} onDecide={decide} onUndo={undo} onClaim={claim} onRelease={release} />
        )}
        {problem && <Problem role="alert">{problem.detail}</Problem>}
        {items.length > 0 && <ReviewList queue={queue} shownId={item?.id} labels={labels} onShow={show} />}
        {region}
      </Frame>
    </KitContext.Provider>
  );
});
