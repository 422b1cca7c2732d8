import { Dialog } from '../parts/dialog.tsx';
import { readClaims } from './read-claims.ts';

type SwitchDialogProps = { current: string; offered: string; onAccept: () => void; onRefuse: () => void };

/** A link may carry a token of somebody else: who is signed in says whether to become them. */
export function SwitchDialog({ current, offered, onAccept, onRefuse }: SwitchDialogProps) {
  return (
    <Dialog label="Switch to another person?" className="narrow-dialog" onClose={onRefuse}>
      <h2>Switch to another person?</h2>
      <p className="soft">
        This link signs you in as <strong>{nameOf(offered)}</strong>. You are signed in as <strong>{nameOf(current)}</strong>. If you did not ask for the link,
        stay: what you upload after switching belongs to them.
      </p>
      <div className="actions">
        <button className="button primary" type="button" onClick={onRefuse}>
          Stay signed in
        </button>
        <button className="button quiet" type="button" onClick={onAccept}>
          Switch
        </button>
      </div>
    </Dialog>
  );
}

const nameOf = (token: string): string => readClaims(token).id ?? 'the holder of an API key';
