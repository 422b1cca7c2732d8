import { Brand } from '../shell/brand.tsx';
import { ThemeToggle } from '../shell/theme-toggle.tsx';
import { SignInForm } from './sign-in-form.tsx';

export function SignInPage({ onSignIn }: { onSignIn: (token: string) => void }) {
  return (
    <main className="sign-in">
      <title>Sign in · Safelight</title>
      <div className="sign-in-card">
        <header>
          <Brand />
          <ThemeToggle />
        </header>
        <h1>Sign in to the darkroom</h1>
        <p className="soft">
          Started with <code>npm start</code>? Open the console address that it printed: it signs you in by itself.
        </p>
        <SignInForm onSignIn={onSignIn} />
      </div>
    </main>
  );
}
