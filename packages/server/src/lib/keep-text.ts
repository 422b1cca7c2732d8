import { CompiledQuery, sql, type QueryResult, type RawBuilder } from '#kysely';

import type { Db, Tx } from './context.ts';

/** The parameter of a statement whose value comes with each call. */
export type Given<Name extends string> = (name: Name) => RawBuilder<unknown>;

/** Stands in the parameters of a text where a value goes. */
class Blank {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Runs statements whose text is the same for all values, and builds each text once: for a large one, building costs more here than the rest of the
 * call (bench/notebook.md). `shape` names the text among those of one use, and must tell apart all that `build` writes into it; values go through
 * `given` only.
 */
export function keepText<Row, Name extends string>() {
  const texts = new Map<string, CompiledQuery>();
  const given: Given<Name> = (name) => sql`${new Blank(name)}`;
  return async (
    db: Db | Tx,
    shape: string,
    build: (given: Given<Name>) => RawBuilder<Row>,
    values: Readonly<Record<Name, unknown>>,
  ): Promise<QueryResult<Row>> => {
    const text = texts.get(shape) ?? build(given).compile(db);
    texts.set(shape, text);
    const valueOf = new Map<string, unknown>(Object.entries(values));
    const parameters = text.parameters.map((parameter) => (parameter instanceof Blank ? valueOf.get(parameter.name) : parameter));
    return await db.executeQuery<Row>(CompiledQuery.raw(text.sql, parameters));
  };
}
