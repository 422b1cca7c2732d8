import { ProgressBar } from '@safelight/react';
import { SafelightProblem } from '@safelight/client';
import type { Media } from '@safelight/contract/media';

import { titleOf } from '../media/title-of.ts';
import { Icon } from '../parts/icon.tsx';
import { useSession } from '../session/session.ts';
import { bulkWords, type BulkAction, type BulkActions } from './use-bulk-actions.ts';

type SelectionBarProps = { selected: readonly Media[]; bulk: BulkActions; onAll: () => void; onClear: () => void };

/** What can be done with all that are ticked, how far it is, and what it did not work with. */
export function SelectionBar({ selected, bulk, onAll, onClear }: SelectionBarProps) {
  const { running, failed } = bulk;
  if (selected.length === 0 && running === null && failed === null) return null;
  const run = (action: BulkAction, items: readonly Media[]) => () => void bulk.run(action, items).then((done) => done.length > 0 && onClear());
  return (
    <section className="selection-bar" aria-label="Selected media">
      {failed !== null && <Failures {...failed} onDismiss={bulk.dismiss} />}
      {running !== null ? (
        <div className="selection-running" role="status">
          <span>
            {bulkWords[running.action][0]} {running.done} of {running.total}
          </span>
          <ProgressBar className="progress" label={bulkWords[running.action][0]} value={running.done / Math.max(1, running.total)} />
          <button className="button small quiet" type="button" onClick={bulk.stop}>
            Stop
          </button>
        </div>
      ) : (
        selected.length > 0 && (
          <div className="selection-actions">
            <strong aria-live="polite">{selected.length} selected</strong>
            <div className="actions">
              <Actions selected={selected} run={run} />
              <button className="button small quiet" type="button" onClick={onAll}>
                All that are loaded
              </button>
              <button className="button small quiet" type="button" onClick={onClear} aria-keyshortcuts="Escape">
                Clear
              </button>
            </div>
          </div>
        )
      )}
    </section>
  );
}

type ActionsProps = { selected: readonly Media[]; run: (action: BulkAction, items: readonly Media[]) => () => void };

/** Of those that are ticked, what this token may do and what makes sense. */
function Actions({ selected, run }: ActionsProps) {
  const { claims } = useSession();
  const mayWrite = claims.may('media:write');
  const gone = selected.some(({ deletedAt }) => deletedAt !== null);
  const toApprove = claims.may('media:review') ? selected.filter(({ review }) => review === 'queued' || review === 'failed') : [];
  const toMake = claims.may('media:manage') ? selected.filter(({ kind, status }) => kind !== 'file' && status === 'ready') : [];
  return (
    <>
      {gone && mayWrite && (
        <button className="button small" type="button" onClick={run('restore', selected)}>
          <Icon name="undo" />
          Restore
        </button>
      )}
      {!gone && (
        <>
          {toApprove.length > 0 && (
            <button className="button small good" type="button" onClick={run('approve', toApprove)}>
              <Icon name="check" />
              Approve{toApprove.length < selected.length && ` ${toApprove.length}`}
            </button>
          )}
          {toMake.length > 0 && (
            <button className="button small" type="button" onClick={run('reprocess', toMake)}>
              <Icon name="retry" />
              Reprocess{toMake.length < selected.length && ` ${toMake.length}`}
            </button>
          )}
          {mayWrite && (
            <button className="button small danger" type="button" onClick={run('delete', selected)}>
              <Icon name="trash" />
              Delete
            </button>
          )}
        </>
      )}
    </>
  );
}

function Failures({ action, failures, onDismiss }: NonNullable<BulkActions['failed']> & { onDismiss: () => void }) {
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <div className="notice-body">
        <strong>
          {failures.length} could not be {action === 'reprocess' ? 'made anew' : bulkWords[action][1]}
        </strong>
        <ul className="bulk-failures">
          {failures.map(({ item, problem }) => (
            <li key={item.id}>
              {titleOf(item)}: {problem instanceof SafelightProblem ? (problem.detail ?? problem.title) : String(problem)}
            </li>
          ))}
        </ul>
      </div>
      <button className="icon-button" type="button" onClick={onDismiss} aria-label="Dismiss this message">
        <Icon name="close" />
      </button>
    </div>
  );
}
