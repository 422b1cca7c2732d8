import type pg from 'pg';

/** A database session, or anything that queries like one. */
export type Asking = Pick<pg.ClientBase, 'query'>;
