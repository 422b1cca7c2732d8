import { SafelightProblem } from '@safelight/client';
import type { ReactNode } from 'react';

import { Icon } from './icon.tsx';

type ProblemNoticeProps = { problem: unknown; title?: string | undefined; onRetry?: (() => void) | undefined; children?: ReactNode };

/** What went wrong, in the server's words, with what an operator needs to find it in the log. */
export function ProblemNotice({ problem, title, onRetry, children }: ProblemNoticeProps) {
  const known = problem instanceof SafelightProblem ? problem : null;
  return (
    <div className="notice bad" role="alert">
      <Icon name="alert" />
      <div className="notice-body">
        <strong>{title ?? known?.title ?? 'Something went wrong'}</strong>
        <p>{known?.detail ?? (problem instanceof Error ? problem.message : String(problem))}</p>
        {known !== null && known.errors.length > 0 && (
          <ul>
            {known.errors.map(({ field, message }) => (
              <li key={field}>
                <code>{field}</code> {message}
              </li>
            ))}
          </ul>
        )}
        {known?.requestId !== undefined && (
          <p className="fine">
            {known.code} · request <code>{known.requestId}</code>
          </p>
        )}
        {(onRetry ?? children) && (
          <div className="actions">
            {onRetry && (
              <button className="button small" type="button" onClick={onRetry}>
                Try again
              </button>
            )}
            {children}
          </div>
        )}
      </div>
    </div>
  );
}
