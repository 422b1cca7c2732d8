import { LiveProvider } from './live/live-provider.tsx';
import { QueryProvider } from './live/query-provider.tsx';
import { SessionProvider } from './session/session-provider.tsx';
import type { SessionStore } from './session/session-store.ts';
import { Shell } from './shell/shell.tsx';
import { ToastProvider } from './shell/toast-provider.tsx';
import { UploadsProvider } from './upload/uploads-provider.tsx';

/** The console: everything below the session has a client that is signed in. */
export function App({ session }: { session: SessionStore }) {
  return (
    <SessionProvider store={session}>
      <LiveProvider>
        <ToastProvider>
          <UploadsProvider>
            <QueryProvider>
              <Shell />
            </QueryProvider>
          </UploadsProvider>
        </ToastProvider>
      </LiveProvider>
    </SessionProvider>
  );
}
