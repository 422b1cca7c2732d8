import { sql } from '#kysely';

/**
 * A condition that is always true and makes the commit of its statement or transaction not wait for the disk. For changes that a power cut may undo
 * (taking or returning a lease), or that precede a normal commit before anybody is told of them: that one writes both to disk.
 */
export const relaxed = sql<boolean>`set_config('synchronous_commit', 'off', true) = 'off'`;
