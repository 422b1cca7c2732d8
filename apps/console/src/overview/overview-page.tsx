import { describeBytes } from '@safelight/contract/describe-bytes';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { hrefOf } from '../route/route.ts';
import { useSession } from '../session/session.ts';
import { Bars } from './bars.tsx';
import { CollectionTable } from './collection-table.tsx';
import { describeWait } from './describe-wait.ts';
import { FigureCard } from './figure-card.tsx';
import { useOverview, type Health, type Overview } from './use-overview.ts';

/** How the site is, at a glance: what is stored, what comes, what waits, what failed. Each number leads to its list. */
export function OverviewPage() {
  const { data, error, refetch } = useOverview();
  return (
    <div className="overview-page">
      <header className="page-head">
        <h1>Overview</h1>
      </header>
      {error !== null && <ProblemNotice problem={error} title="The figures could not be read" onRetry={() => void refetch()} />}
      {data === undefined && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the figures" />}
      {data !== undefined && <Figures {...data} />}
    </div>
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const failedOnly = new URLSearchParams({ status: 'failed' });

function Figures({ overview, health }: { overview: Overview; health: Health }) {
  return (
    <>
      <Totals overview={overview} />
      <div className="overview-columns">
        <Hours overview={overview} />
        <Failures overview={overview} />
        <Parts overview={overview} health={health} />
      </div>
      <CollectionTable collections={overview.collections} />
    </>
  );
}

type OfOverview = { overview: Overview };

function Totals({ overview: { hours, lanes, failures, stores, review, uploadsOpen, eventsPerSecond } }: OfOverview) {
  const bytes = sum(stores.map((store) => store.bytes));
  const objects = sum(stores.map((store) => store.objects));
  const waiting = sum(lanes.map((lane) => lane.waiting));
  const active = sum(lanes.map((lane) => lane.active));
  const oldest = Math.max(0, ...lanes.map(({ oldestSeconds }) => oldestSeconds ?? 0));
  const failed = sum(failures.map(({ media }) => media));
  const uploads = sum(hours.map((hour) => hour.uploads));
  const published = sum(hours.map((hour) => hour.published));
  return (
    <ul className="figures">
      <FigureCard
        name="Stored"
        value={describeBytes(bytes)}
        note={`${objects.toLocaleString()} objects`}
        href={hrefOf('library', null, new URLSearchParams({ sort: 'largest' }))}
      />
      <FigureCard
        name="Uploads in a day"
        value={uploads.toLocaleString()}
        note={`${uploadsOpen.toLocaleString()} open now`}
        href={hrefOf('library', null, new URLSearchParams({ since: 'day' }))}
      />
      <FigureCard
        name="Published in a day"
        value={published.toLocaleString()}
        href={hrefOf('library', null, new URLSearchParams({ status: 'published', publishedSince: 'day' }))}
      />
      <FigureCard
        name="Jobs waiting"
        value={waiting.toLocaleString()}
        note={waiting === 0 ? `${active} at work` : `${active} at work, the oldest waits ${describeWait(oldest)}`}
        href={hrefOf('jobs', null, new URLSearchParams({ state: 'queued' }))}
        tone={oldest > 60 ? 'warn' : undefined}
      />
      <FigureCard
        name="To review"
        value={review.queued.toLocaleString()}
        note={review.failed === 0 ? 'No review has failed' : `${review.failed} failed`}
        href={hrefOf('review')}
        tone={review.failed > 0 ? 'warn' : undefined}
      />
      <FigureCard name="Failed media" value={failed.toLocaleString()} href={hrefOf('library', null, failedOnly)} tone={failed > 0 ? 'bad' : undefined} />
      <FigureCard name="Events a second" value={eventsPerSecond.toFixed(1)} note="over the last minute" href={hrefOf('events')} />
    </ul>
  );
}

function Hours({ overview: { hours } }: OfOverview) {
  return (
    <section aria-labelledby="overview-hours">
      <h2 id="overview-hours">By the hour</h2>
      <Bars
        title="Uploads and published"
        hours={hours.map(({ hour }) => hour)}
        series={[
          { name: 'uploads', values: hours.map((hour) => hour.uploads) },
          { name: 'published', values: hours.map((hour) => hour.published) },
        ]}
      />
    </section>
  );
}

function Failures({ overview: { failures } }: OfOverview) {
  return (
    <section aria-labelledby="overview-failures">
      <h2 id="overview-failures">Failures by code</h2>
      {failures.length === 0 ? (
        <p className="soft">Nothing has failed.</p>
      ) : (
        <ul className="overview-list">
          {failures.map(({ code, media }) => (
            <li key={code}>
              <code>{code}</code>
              <a href={hrefOf('library', null, new URLSearchParams({ status: 'failed', failure: code }))}>{media.toLocaleString()}</a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Parts({ overview: { stores }, health }: OfOverview & { health: Health }) {
  const mayCompare = useSession().claims.may('media:admin');
  return (
    <section aria-labelledby="overview-health">
      <h2 id="overview-health">Parts and stores</h2>
      <ul className="overview-list">
        {Object.entries(health)
          // That it is not stopping is nothing to be told of.
          .filter(([part, state]) => part !== 'closing' || state !== 'ok')
          .map(([part, state]) => (
            <li key={part}>
              <span>{part}</span>
              <span className="badge" data-tone={state === 'ok' ? 'good' : 'bad'}>
                {state === 'ok' ? 'works' : state}
              </span>
            </li>
          ))}
        {stores.map((store) => (
          <li key={store.store}>
            <code>{store.store}</code>
            {mayCompare ? <a href={hrefOf('discrepancies')}>{describeStore(store)}</a> : <span>{describeStore(store)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

const describeStore = ({ bytes, objects, deleting }: Overview['stores'][number]): string =>
  `${describeBytes(bytes)}, ${objects.toLocaleString()} objects${deleting > 0 ? `, ${deleting} being deleted` : ''}`;
