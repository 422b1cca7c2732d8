import type { QueuedMedia } from '@safelight/contract/reviews';

import { lengthOf } from '../format/length-of.ts';
import { describeBytes } from '@safelight/contract/describe-bytes';
import { describeType } from '@safelight/contract/describe-type';

/** What one has to know of it to decide. */
export function ReviewFacts({ item: { collection, entity, ownerId, width, height, durationMs, mimeType, byteSize, altText } }: { item: QueuedMedia }) {
  const file = [
    describeType(mimeType),
    describeBytes(byteSize),
    width === null || height === null ? '' : `${width} × ${height}`,
    durationMs === null ? '' : lengthOf(durationMs),
  ];
  const facts = [
    ['Owner', ownerId],
    ['Belongs to', entity === null ? collection : `${entity.type}/${entity.id}, ${collection}`],
    ['File', file.filter(Boolean).join(', ')],
    ['Alt text', altText ?? ''],
  ].filter(([, value]) => value !== '');
  return (
    <dl className="record">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
