import { Dialog } from '../parts/dialog.tsx';
import { readClaims } from './read-claims.ts';

type SwitchDialogProps = { current: string | null; offered: string; onAccept: () => void; onRefuse: () => void };

/** A link may carry a token of somebody else, or come from another site: the person who sits there says whether to become them. */
export function SwitchDialog({ current, offered, onAccept, onRefuse }: SwitchDialogProps) {
  const label = current === null ? 'Sign in by this link?' : 'Switch to another person?';
  return (
    <Dialog label={label} className="narrow-dialog" onClose={onRefuse}>
      <h2>{label}</h2>
      <p className="soft">
        This link signs you in as <strong>{nameOf(offered)}</strong>.{' '}
        {current !== null && (
          <>
            You are signed in as <strong>{nameOf(current)}</strong>.{' '}
          </>
        )}
        If you did not ask for the link, stay: what you upload afterwards belongs to them.
      </p>
      <div className="actions">
        <button className="button primary" type="button" onClick={onRefuse}>
          {current === null ? 'Do not sign in' : 'Stay signed in'}
        </button>
        <button className="button quiet" type="button" onClick={onAccept}>
          {current === null ? 'Sign in' : 'Switch'}
        </button>
      </div>
    </Dialog>
  );
}

const nameOf = (token: string): string => readClaims(token).id ?? 'the holder of an API key';
