import type { GrantFile, RefusalReason } from '@safelight/contract/grants';

import { TimeAgo } from '../parts/time-ago.tsx';
import { reasonTexts } from './describe-grant.ts';

type Refusal = { mediaId: string | null; reason: RefusalReason; client: string; network: number; count: number; firstAt: string; lastAt: string };

/** The refused requests of a buyer, and why: the answer to one who says that it does not work. */
export function RefusalTable({ refusals, files }: { refusals: readonly Refusal[]; files: readonly GrantFile[] }) {
  const nameOf = (id: string | null): string =>
    id === null ? 'the page, or the ZIP' : (files.find(({ mediaId }) => mediaId === id)?.fileName ?? 'a file that is not part of it');
  return (
    <section aria-label="Refused requests">
      <h2>Refused requests</h2>
      {refusals.length === 0 && <p className="soft">None in the last 90 days.</p>}
      {refusals.length > 0 && (
        <div className="job-table">
          <table>
            <caption className="visually-hidden">Refused requests, the last first</caption>
            <thead>
              <tr>
                <th scope="col">Why</th>
                <th scope="col">Wanted</th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {refusals.map((refusal) => (
                <tr key={JSON.stringify([refusal.mediaId, refusal.reason, refusal.client, refusal.network, refusal.firstAt])}>
                  <th scope="row">
                    {reasonTexts[refusal.reason]}
                    <span className="fine">
                      a {refusal.client === 'unknown' ? 'client' : refusal.client}, network {refusal.network}
                      {refusal.count > 1 && `, ${refusal.count} times`}
                    </span>
                  </th>
                  <td className="fine refused-file">{nameOf(refusal.mediaId)}</td>
                  <td className="fine">
                    <TimeAgo at={refusal.lastAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
