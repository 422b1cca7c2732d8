import type { Media } from '@safelight/contract/media';

import { Icon } from '../parts/icon.tsx';
import { useSession } from '../session/session.ts';
import { useMediaActions } from './use-media-actions.ts';

/** Why a record failed, and a way on if a retry can help. */
export function FailureNotice({ media }: { media: Media }) {
  const { retry } = useMediaActions();
  const mayWrite = useSession().claims.may('media:write');
  const { failure } = media;
  if (failure === null) return null;
  const { stage, code, message, retryable, attempts } = failure;
  return (
    <div className="notice bad">
      <Icon name="alert" />
      <div className="notice-body">
        <strong>{stage === 'review' ? 'Its review failed' : 'This file could not be made ready'}</strong>
        <p>{message}</p>
        <p className="fine">
          <code>{code}</code> in {stage}, {attempts === 1 ? 'one attempt' : `${attempts} attempts`}
        </p>
        {!mayWrite ? null : retryable ? (
          <div className="actions">
            <button className="button small" type="button" onClick={() => void retry(media)}>
              <Icon name="retry" />
              Try again
            </button>
          </div>
        ) : (
          <p className="fine">Trying again would not help: upload another file.</p>
        )}
      </div>
    </div>
  );
}
