import { ProgressBar } from '@safelight/react';
import type { DiscrepancyClass } from '@safelight/contract/discrepancies';
import { discrepancyCsvHeader, discrepancyCsvLine } from '@safelight/contract/discrepancy-csv';
import { mostChars } from '@safelight/contract/limits';
import { useState } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useNow } from '../parts/use-now.ts';
import { classes } from './discrepancy-classes.ts';
import { DiscrepancyTable } from './discrepancy-table.tsx';
import { DownloadButton } from './download-button.tsx';
import { mostKept, useReport } from './use-report.ts';

const names = Object.keys(classes) as DiscrepancyClass[];

/** The records against what lies in storage, both ways. Reads only. */
export function DiscrepanciesPage() {
  const report = useReport();
  const { state, found, summary, problem, startedAt } = report;
  return (
    <div className="discrepancies-page">
      <header className="page-head">
        <h1>Discrepancies</h1>
        <p className="soft">
          Compares every record with what lies in storage, and every object in storage with the records. It reads only; repairing is a command of its own.
        </p>
      </header>
      <ReportForm report={report} />
      {state === 'running' && <Running startedAt={startedAt} count={found.length} />}
      {problem !== null && <ProblemNotice problem={problem} title="The report could not be finished" />}
      {state === 'stopped' && problem === null && (
        <p className="notice" role="status">
          Stopped. Below is what was found until then, not all that there may be.
        </p>
      )}
      {state === 'done' && summary?.total === 0 && (
        <EmptyState icon="check" title="Records and storage agree">
          <p className="soft">Every record has its objects, and every object its record.</p>
        </EmptyState>
      )}
      {found.length > 0 && <Found report={report} />}
      {summary?.uncheckedStores.map(({ store, objects }) => (
        <p key={store} className="notice warn">
          {objects === 1 ? '1 object is' : `${objects.toLocaleString()} objects are`} in {store}, which is not configured, so they could not be checked.
        </p>
      ))}
      {state === 'idle' && (
        <dl className="record class-list">
          {names.map((name) => (
            <div key={name}>
              <dt>{classes[name].title}</dt>
              <dd>{classes[name].meaning}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

/** How much there is to compare is not known before it was; so the time and what was found are what can be said. */
function Running({ startedAt, count }: { startedAt: number; count: number }) {
  const now = useNow(500);
  return (
    <div className="report-running">
      <ProgressBar className="progress" value={null} label="Comparing" />
      <p className="fine" role="status">
        Comparing, {Math.max(0, Math.round((now - startedAt) / 1000))} s, {count === 0 ? 'nothing found so far' : `${count} found so far`}
      </p>
    </div>
  );
}

type Report = ReturnType<typeof useReport>;

function ReportForm({ report: { state, run, stop } }: { report: Report }) {
  const [prefix, setPrefix] = useState('');
  const running = state === 'running';
  return (
    <form
      className="report-form"
      onSubmit={(event) => {
        event.preventDefault();
        run(prefix.trim());
      }}
    >
      <label className="field">
        <span className="field-label">Only below this path (may be empty)</span>
        <input
          value={prefix}
          onChange={(event) => setPrefix(event.target.value)}
          placeholder="media/ada"
          autoComplete="off"
          spellCheck={false}
          maxLength={mostChars.pathPrefix}
        />
      </label>
      <button className="button primary" type="submit" aria-disabled={running}>
        {state === 'idle' ? 'Run the report' : 'Run it again'}
      </button>
      {running && (
        <button className="button" type="button" onClick={stop}>
          Stop
        </button>
      )}
    </form>
  );
}

function Found({ report }: { report: Report }) {
  const { found } = report;
  return (
    <>
      <Summary report={report} />
      {found.length === mostKept && (
        <p className="notice warn">
          Only the first {mostKept.toLocaleString()} are kept here. <code>safelight storage check --format csv</code> writes them all.
        </p>
      )}
      {names
        .map((name) => ({ name, all: found.filter((one) => one.class === name) }))
        .filter(({ all }) => all.length > 0)
        .map(({ name, all }) => (
          <DiscrepancyTable key={name} name={name} found={all} />
        ))}
    </>
  );
}

/** How many of each kind, and all of them as a file. */
function Summary({ report: { state, found, summary, startedAt } }: { report: Report }) {
  const fileName = `discrepancies-${new Date(startedAt).toISOString().slice(0, 16).replace(':', '-')}`;
  return (
    <div className="report-summary" role="status">
      <ul className="counts" aria-label="Found">
        {names.map((name) => {
          const count = summary?.[name] ?? found.filter((one) => one.class === name).length;
          return (
            <li key={name} data-none={count === 0}>
              <strong>{count}</strong> {classes[name].title.toLowerCase()}
            </li>
          );
        })}
      </ul>
      {state !== 'running' && (
        <div className="actions">
          <DownloadButton name={`${fileName}.csv`} type="text/csv" text={() => discrepancyCsvHeader + found.map(discrepancyCsvLine).join('')}>
            Download CSV
          </DownloadButton>
          <DownloadButton name={`${fileName}.json`} type="application/json" text={() => JSON.stringify({ discrepancies: found, summary }, null, 2)}>
            Download JSON
          </DownloadButton>
        </div>
      )}
    </div>
  );
}
