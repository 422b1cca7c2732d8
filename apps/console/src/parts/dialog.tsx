import { useEffect, useRef, type KeyboardEventHandler, type ReactNode } from 'react';

type DialogProps = { label: string; className?: string; onClose?: () => void; onKeyDown?: KeyboardEventHandler; children: ReactNode };

/** A modal dialog for as long as it is rendered. Without `onClose` neither Escape nor the backdrop closes it. */
export function Dialog({ label, className = '', onClose, onKeyDown, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // The opener may have been rendered anew; then whatever the page focuses itself is right.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  return (
    // A click on the dialog itself is one beside its content: on the backdrop. Escape, which keyboards have for that, is `onCancel`.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      className={`dialog ${className}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose?.();
      }}
      onKeyDown={onKeyDown}
    >
      <div className="dialog-content">{children}</div>
    </dialog>
  );
}
