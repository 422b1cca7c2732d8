import { mostChars } from '@safelight/contract/limits';
import { useEffect, useRef, useState } from 'react';

import { Dialog } from '../parts/dialog.tsx';
import { PresetBar } from './preset-bar.tsx';

type RejectDialogProps = { what: string; presets: readonly string[]; onReject: (reason: string) => void; onClose: () => void };

/** Asks why; the owner is told. Enter rejects, Shift+Enter begins a new line. */
export function RejectDialog({ what, presets, onReject, onClose }: RejectDialogProps) {
  const [reason, setReason] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <Dialog label={`Reject ${what}`} className="narrow-dialog" onClose={onClose}>
      <h2>Reject {what}</h2>
      <p className="soft">It is hidden at once, everywhere, and stays hidden when the gate is turned off.</p>
      <PresetBar presets={presets} disabled={false} busy={false} onReject={onReject} />
      <form
        className="reject-form"
        onSubmit={(event) => {
          event.preventDefault();
          onReject(reason.trim());
        }}
      >
        <label className="field">
          <span className="field-label">Reason, told to the owner (may be empty)</span>
          <textarea
            ref={field}
            value={reason}
            rows={3}
            maxLength={mostChars.decisionReason}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              onReject(reason.trim());
            }}
          />
        </label>
        <div className="actions">
          <button className="button bad" type="submit">
            Reject
          </button>
          <button className="button quiet" type="button" onClick={onClose}>
            Keep it waiting
          </button>
        </div>
      </form>
    </Dialog>
  );
}
