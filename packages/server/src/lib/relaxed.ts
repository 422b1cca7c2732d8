import { sql } from '#kysely';

/**
 * A condition that always holds, and has the commit of its statement or transaction not wait for the disk. For what may be undone by a loss of
 * power (a lease that is taken or given back), or what a commit that waits follows before anybody is told of it: that one brings both to disk.
 */
export const relaxed = sql<boolean>`set_config('synchronous_commit', 'off', true) = 'off'`;
