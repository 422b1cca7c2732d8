import type { ColumnType } from '#kysely';

export type Defaulted<T> = ColumnType<T, T | undefined, T>;
export type Optional<T> = ColumnType<T | null, T | null | undefined, T | null>;
/** Written as JSON text, because the driver would take a JavaScript array for a Postgres array; read as the parsed value. */
export type Json<T> = ColumnType<T, string, string>;
export type OptionalJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
