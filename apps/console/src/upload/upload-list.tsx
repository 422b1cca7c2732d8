import type { MediaRules } from '@safelight/contract/media-rules';

import { UploadCard } from './upload-card.tsx';
import { UploadOverview } from './upload-overview.tsx';
import type { UploadItem } from './upload-queue.ts';
import { useUploadQueue } from './uploads.ts';
import { useRefused } from './use-refused.ts';

type UploadListProps = { items: readonly UploadItem[]; rules: readonly MediaRules[]; shownKey: number | null; onSelect: (key: number) => void };

/** What was chosen, the newest first. */
export function UploadList({ items, rules, shownKey, onSelect }: UploadListProps) {
  const queue = useUploadQueue();
  const refused = useRefused(items);
  if (items.length === 0) return null;
  const isInline = (collection: string | null | undefined): boolean => rules.find((rule) => rule.collection === collection)?.ingest === 'inline';
  return (
    <section className="uploads" aria-labelledby="uploads-head">
      <header className="section-head">
        <h2 id="uploads-head">{items.length === 1 ? 'One file' : `${items.length} files`}</h2>
        <div className="actions">
          {refused > 0 && (
            <button className="button small" type="button" onClick={queue.leaveOutRefused}>
              {refused === 1 ? 'Leave out the one that was refused' : `Leave out all ${refused} that were refused`}
            </button>
          )}
          <button className="button small quiet" type="button" onClick={queue.clearDone}>
            Clear the ready ones
          </button>
        </div>
      </header>
      <UploadOverview items={items} />
      <ul>
        {items.toReversed().map((item) => (
          <UploadCard
            key={item.key}
            item={item}
            inline={isInline(item.destination.collection)}
            selected={item.key === shownKey}
            onSelect={() => onSelect(item.key)}
          />
        ))}
      </ul>
    </section>
  );
}
