import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { useMediaActions } from './use-media-actions.ts';

export function DeletedNotice({ id, name }: { id: string; name: string }) {
  const { restore } = useMediaActions();
  return (
    <EmptyState icon="trash" title={`${name} was deleted or replaced`}>
      <p className="soft">It is hidden everywhere at once. While its undo window is open it can be taken back.</p>
      <button className="button" type="button" onClick={() => void restore({ id, originalFileName: name })}>
        <Icon name="undo" />
        Take it back
      </button>
    </EmptyState>
  );
}
