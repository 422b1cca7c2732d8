import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { useSession } from '../session/session.ts';
import { useMediaActions } from './use-media-actions.ts';

export function DeletedNotice({ id, name }: { id: string; name: string }) {
  const { restore } = useMediaActions();
  const mayWrite = useSession().claims.may('media:write');
  return (
    <EmptyState icon="trash" title={`${name} was deleted or replaced`}>
      <p className="soft">It is hidden everywhere at once. It can be restored while its undo window is open.</p>
      {mayWrite && (
        <button className="button" type="button" onClick={() => void restore({ id, originalFileName: name })}>
          <Icon name="undo" />
          Take it back
        </button>
      )}
    </EmptyState>
  );
}
