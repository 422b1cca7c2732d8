import type { ReactNode } from 'react';

import { Dialog } from '../parts/dialog.tsx';

type ConfirmDialogProps = { title: string; action: string; onConfirm: () => void; onClose: () => void; children: ReactNode };

/** Asks before what a buyer would notice. */
export function ConfirmDialog({ title, action, onConfirm, onClose, children }: ConfirmDialogProps) {
  return (
    <Dialog label={title} onClose={onClose}>
      <h2>{title}</h2>
      <p className="soft">{children}</p>
      <div className="actions">
        <button className="button" type="button" onClick={onClose}>
          Leave it
        </button>
        <button
          className="button primary"
          type="button"
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}
