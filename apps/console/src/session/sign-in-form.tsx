import { SafelightProblem } from '@safelight/client';
import { useState, type SubmitEvent } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { tryToken } from './try-token.ts';

export function SignInForm({ onSignIn, children }: { onSignIn: (token: string) => void; children?: React.ReactNode }) {
  const [given, setGiven] = useState('');
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const token = given.trim().replace(/^bearer\s+/i, '');
    if (token === '') return;
    setBusy(true);
    setProblem(null);
    try {
      await tryToken(token);
      onSignIn(token);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className="sign-in-form" onSubmit={(event) => void submit(event)}>
      <label className="field">
        <span className="field-label">Access token</span>
        <input
          name="token"
          type="password"
          value={given}
          onChange={(event) => setGiven(event.target.value)}
          autoComplete="current-password"
          spellCheck={false}
          required
          aria-describedby="token-hint"
        />
        <span className="field-hint" id="token-hint">
          A JWT or an API key. Make one with <code>npm run safelight token</code>; it stays in this browser, for every tab of the console, until you sign out.
        </span>
      </label>
      {problem !== null && (
        <ProblemNotice
          problem={problem}
          title={problem instanceof SafelightProblem && problem.status === 401 ? 'The server does not take this token' : undefined}
        />
      )}
      <div className="actions">
        <button className="button primary" type="submit" aria-disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
        {children}
      </div>
    </form>
  );
}
