import { describeBytes } from '@safelight/contract/describe-bytes';
import { hrefOf } from '../route/route.ts';
import type { Overview } from './use-overview.ts';

/** What each collection holds; the bar is its part of all bytes. */
export function CollectionTable({ collections }: { collections: Overview['collections'] }) {
  const most = Math.max(1, ...collections.map(({ bytes }) => bytes));
  return (
    <div className="overview-table">
      <table>
        <caption>Stored, by collection</caption>
        <thead>
          <tr>
            <th scope="col">Collection</th>
            <th scope="col">Media</th>
            <th scope="col">Published</th>
            <th scope="col">Failed</th>
            <th scope="col">Objects</th>
            <th scope="col">Bytes</th>
          </tr>
        </thead>
        <tbody>
          {collections.map(({ collection, media, published, failed, objects, bytes }) => (
            <tr key={collection}>
              <th scope="row">
                <a href={hrefOf('library', null, new URLSearchParams({ collection }))}>{collection}</a>
              </th>
              <td>
                <Count of={media} query={{ collection }} />
              </td>
              <td>
                <Count of={published} query={{ collection, status: 'published' }} />
              </td>
              <td>
                <Count of={failed} query={{ collection, status: 'failed' }} />
              </td>
              <td>
                <Count of={objects} query={{ collection }} />
              </td>
              <td className="overview-bytes">
                <span className="share" aria-hidden="true" style={{ inlineSize: `${(bytes / most) * 100}%` }} />
                <Count of={bytes} words={describeBytes(bytes)} query={{ collection, sort: 'largest' }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A number and the way to what it counts; nothing has no list. */
function Count({ of, words = of.toLocaleString(), query }: { of: number; words?: string; query: Record<string, string> }) {
  if (of === 0) return <span>{words}</span>;
  return <a href={hrefOf('library', null, new URLSearchParams(query))}>{words}</a>;
}
