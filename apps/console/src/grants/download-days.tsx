import { downloadsByDay } from './describe-grant.ts';

type Download = { startedAt: string; state: string };

/** Downloads by day, as bars and as the figures beside them. */
export function DownloadDays({ downloads }: { downloads: readonly Download[] }) {
  const days = downloadsByDay(downloads);
  const most = Math.max(1, ...days.map(({ count }) => count));
  return (
    <section aria-label="Downloads by day" className="download-days">
      <h2>Downloads by day</h2>
      {days.length === 0 && <p className="soft">Nothing has been downloaded yet.</p>}
      {days.length > 0 && (
        <table>
          <caption className="visually-hidden">Downloads by day (UTC)</caption>
          <tbody>
            {days.map(({ day, count }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                <td>
                  <span className="day-bar" style={{ inlineSize: `${(count / most) * 100}%` }} aria-hidden="true" />
                  {count}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
