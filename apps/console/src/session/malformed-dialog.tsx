import { Dialog } from '../parts/dialog.tsx';

/** Says why a link did not do what it was made for; the person who is signed in stays so. */
export function MalformedDialog({ isSignedIn, onClose }: { isSignedIn: boolean; onClose: () => void }) {
  return (
    <Dialog label="This link is broken" className="narrow-dialog" onClose={onClose}>
      <h2>This link is broken</h2>
      <p className="soft">
        It was made to sign in, but holds no token that can be read; perhaps it was cut off when it was copied. Have another printed with{' '}
        <code>safelight console</code>.
      </p>
      <div className="actions">
        <button className="button primary" type="button" onClick={onClose}>
          {isSignedIn ? 'Stay signed in as before' : 'Sign in another way'}
        </button>
      </div>
    </Dialog>
  );
}
