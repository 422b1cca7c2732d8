import { EmptyState } from '../parts/empty-state.tsx';

/** In place of a record of which the server does not say whether it ever was. */
export const MissingNotice = () => (
  <EmptyState icon="trash" title="There is no such record">
    <p className="soft" role="status">
      It was deleted or replaced, and its undo window is over; or you may not see it.
    </p>
  </EmptyState>
);
