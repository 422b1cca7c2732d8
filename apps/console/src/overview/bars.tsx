type Series = { name: string; values: readonly number[] };

/** Two rows of bars over the same hours. The figures are in the table for those who do not see bars. */
export function Bars({ title, hours, series }: { title: string; hours: readonly string[]; series: readonly Series[] }) {
  const most = Math.max(1, ...series.flatMap(({ values }) => values));
  const width = 100 / Math.max(1, hours.length);
  const each = (width * 0.8) / series.length;
  return (
    <figure className="bars">
      <svg viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label={`${title}: at most ${most} an hour`}>
        {series.map(({ name, values }, row) =>
          values.map((value, index) => (
            <rect
              key={`${name}-${hours[index]}`}
              data-series={row}
              x={index * width + row * each + width * 0.1}
              y={32 - (value / most) * 31}
              width={each}
              height={value === 0 ? 0.3 : (value / most) * 31}
            >
              <title>{`${hourOf(hours[index] ?? '')}: ${value} ${name}`}</title>
            </rect>
          )),
        )}
      </svg>
      <div className="bars-hours fine" aria-hidden="true">
        <span>{hourOf(hours[0] ?? '')}</span>
        <span>now</span>
      </div>
      <figcaption className="fine">
        {series.map(({ name, values }, row) => (
          <span key={name} className="bars-key" data-series={row}>
            {values.reduce((sum, value) => sum + value, 0).toLocaleString()} {name}
          </span>
        ))}
        <span>
          {hours.length} hours, at most {most.toLocaleString()} in one
        </span>
      </figcaption>
    </figure>
  );
}

const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' });
const hourOf = (at: string): string => (at === '' ? '' : clock.format(new Date(at)));
