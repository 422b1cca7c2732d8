import { Dialog } from '../parts/dialog.tsx';
import { SignInForm } from './sign-in-form.tsx';

type SignInDialogProps = { onSignIn: (token: string) => void; onSignOut: () => void };

/** Cannot be dismissed: nothing behind it would be answered. */
export function SignInDialog({ onSignIn, onSignOut }: SignInDialogProps) {
  return (
    <Dialog label="Your session has expired" className="narrow-dialog">
      <h2>Your session has expired</h2>
      <p className="soft">Sign in again to go on where you were. Nothing on the screen is lost.</p>
      <SignInForm onSignIn={onSignIn}>
        <button className="button quiet" type="button" onClick={onSignOut}>
          Sign out
        </button>
      </SignInForm>
    </Dialog>
  );
}
