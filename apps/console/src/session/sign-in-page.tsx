import { useTitle } from '../parts/use-title.ts';
import { Brand } from '../shell/brand.tsx';
import { ThemeToggle } from '../shell/theme-toggle.tsx';
import { SignInForm } from './sign-in-form.tsx';

export function SignInPage({ onSignIn }: { onSignIn: (token: string) => void }) {
  useTitle('Sign in');
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <header>
          <Brand />
          <ThemeToggle />
        </header>
        <h1>Sign in to the darkroom</h1>
        <p className="soft">
          Open the address that <code>npm start</code> printed, or have one printed with <code>safelight console</code>: it signs you in by itself.
        </p>
        <SignInForm onSignIn={onSignIn} />
      </div>
    </main>
  );
}
