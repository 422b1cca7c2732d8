import { describeBytes } from '../format/describe-bytes.ts';
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
              <td>{media.toLocaleString()}</td>
              <td>{published.toLocaleString()}</td>
              <td>
                {failed === 0 ? '0' : <a href={hrefOf('library', null, new URLSearchParams({ collection, status: 'failed' }))}>{failed.toLocaleString()}</a>}
              </td>
              <td>{objects.toLocaleString()}</td>
              <td className="overview-bytes">
                <span className="share" aria-hidden="true" style={{ inlineSize: `${(bytes / most) * 100}%` }} />
                <span>{describeBytes(bytes)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
