import { Icon } from '../parts/icon.tsx';

type WaitingFilesProps = { count: number; place: string; ready: boolean; onSend: () => void; onLeaveOut: () => void };

/** Files that came before it was said what they belong to. */
export function WaitingFiles({ count, place, ready, onSend, onLeaveOut }: WaitingFilesProps) {
  if (count === 0) return null;
  const files = count === 1 ? 'One file waits' : `${count} files wait`;
  return (
    <div className="notice warn" role="alert">
      <Icon name="alert" />
      <div className="notice-body">
        <p>{ready ? `${files}.` : `${files}. Name the ${place} that the files belong to first.`}</p>
        <div className="actions">
          <button className="button small primary" type="button" disabled={!ready} onClick={onSend}>
            {count === 1 ? 'Upload it' : `Upload the ${count}`}
          </button>
          <button className="button small quiet" type="button" onClick={onLeaveOut}>
            {count === 1 ? 'Leave it out' : 'Leave them out'}
          </button>
        </div>
      </div>
    </div>
  );
}
