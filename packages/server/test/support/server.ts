import pg from 'pg';

declare module 'vitest' {
  interface ProvidedContext {
    /** The migrated database that `testDatabase` copies. Nobody connects to it, because then it could not be copied. */
    templateDatabase: { server: string; name: string };
  }
}

export async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
