import type { Media } from '@safelight/contract/media';

import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';
import { useSession } from '../session/session.ts';
import { titleOf } from './title-of.ts';
import { useMediaActions } from './use-media-actions.ts';

/** What took the place of the record that was looked at, and the way back. */
export function ReplacedNotice({ id, name, successor }: { id: string; name: string; successor: Media }) {
  const { restore } = useMediaActions();
  const mayWrite = useSession().claims.may('media:write');
  return (
    <EmptyState icon="replace" title={`${name} was replaced`}>
      <p className="soft">
        {titleOf(successor)} has its place now: the same order, purpose and alt text. While the undo window is open the two can change places again.
      </p>
      <div className="actions centred">
        <a className="button primary" href={hrefOf('library', successor.id)}>
          Show the new one
        </a>
        {mayWrite && (
          <button className="button" type="button" onClick={() => void restore({ id, originalFileName: name })}>
            <Icon name="undo" />
            Take the old one back
          </button>
        )}
      </div>
    </EmptyState>
  );
}
