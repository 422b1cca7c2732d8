import { SafelightProvider } from '@safelight/react/hooks';
import { useMemo, useSyncExternalStore, type ReactNode } from 'react';

import { MalformedDialog } from './malformed-dialog.tsx';
import { readClaims } from './read-claims.ts';
import type { SessionStore } from './session-store.ts';
import { SessionContext, type Session } from './session.ts';
import { SignInDialog } from './sign-in-dialog.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { SwitchDialog } from './switch-dialog.tsx';

/**
 * Signed out: the sign-in page. Signed in: the console. Expired: the console stays as it is, uploads and all, behind a dialog that
 * asks for a fresh token.
 */
export function SessionProvider({ store, children }: { store: SessionStore; children: ReactNode }) {
  const { client, signIn, signOut, refuseOffer } = store;
  const { token, expired, offered, malformed, generation } = useSyncExternalStore(store.subscribe, store.getSnapshot);
  const session = useMemo<Session>(() => ({ client, claims: readClaims(token ?? ''), generation, signOut }), [client, token, generation, signOut]);
  const ask =
    offered !== null ? (
      <SwitchDialog current={token} offered={offered} onAccept={() => signIn(offered)} onRefuse={refuseOffer} />
    ) : malformed ? (
      <MalformedDialog isSignedIn={token !== null} onClose={refuseOffer} />
    ) : null;
  if (token === null)
    return (
      <>
        <SignInPage onSignIn={signIn} />
        {ask}
      </>
    );
  return (
    <SessionContext value={session}>
      <SafelightProvider client={client} unstyled>
        {children}
      </SafelightProvider>
      {ask ?? (expired && <SignInDialog onSignIn={signIn} onSignOut={signOut} />)}
    </SessionContext>
  );
}
