import type pg from 'pg';

/** One session of a database, or what asks as one does. */
export type Asking = Pick<pg.ClientBase, 'query'>;
