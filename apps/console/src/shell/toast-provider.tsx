import { useCallback, useLayoutEffect, useState, type ReactNode } from 'react';

import { addToast, type Shown } from './add-toast.ts';
import { ToastCard } from './toast-card.tsx';
import { ToastContext, type Toast } from './toast.ts';

/** Short messages at the edge of the screen, read out politely, never taking the focus. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const show = useCallback((toast: Toast) => setToasts((before) => addToast(before, toast)), []);
  const dismiss = useCallback((key: number) => setToasts((before) => before.filter((toast) => toast.key !== key)), []);

  // With the message and not after it, for whoever undoes at once.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || isTextField(event.target)) return;
      const last = toasts.findLast(({ undo }) => undo !== undefined);
      if (!last) return;
      event.preventDefault();
      dismiss(last.key);
      last.undo?.();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [toasts, dismiss]);

  return (
    <ToastContext value={show}>
      {children}
      <section className="toasts" aria-label="Messages" aria-live="polite">
        {toasts.map((toast) => (
          <ToastCard key={toast.key} toast={toast} onDismiss={() => dismiss(toast.key)} />
        ))}
      </section>
    </ToastContext>
  );
}

const isTextField = (target: EventTarget | null): boolean => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
