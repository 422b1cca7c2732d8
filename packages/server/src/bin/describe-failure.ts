import { ConfigError } from '../config.ts';
import { CannotListen } from '../http/cannot-listen.ts';
import { EmbeddedPostgresRefusal } from '../lib/embedded-postgres.ts';
import { SafelightError } from '../lib/errors.ts';
import { MigrationRefused } from '../lib/migrate.ts';
import { ConnectionLost } from '../lib/prepare-statements.ts';
import { UnsupportedDatabase } from '../lib/require-postgres.ts';
import { UsageError } from './command.ts';

export type Failure = { exitCode: 1 | 2; message: string; code?: string; problems?: string[]; stack?: string };

/** The message for a person: a sentence for known errors, all details for others. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ConfigError) return { exitCode: 2, message: error.message, problems: error.problems };
  if (error instanceof EmbeddedPostgresRefusal || error instanceof UnsupportedDatabase) return { exitCode: 2, message: error.message };
  if (error instanceof UsageError || error instanceof MigrationRefused || error instanceof CannotListen) return { exitCode: 1, message: error.message };
  if (error instanceof SafelightError) return { exitCode: 1, message: error.message, code: error.code };
  if (!(error instanceof Error)) return { exitCode: 1, message: String(error) };
  if (error.name === 'AbortError') return { exitCode: 1, message: 'Stopped before it was done.' };
  return describeSystemError(error) ?? { exitCode: 1, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}

function describeSystemError(error: Error): Failure | null {
  const reason = error instanceof ConnectionLost && error.cause instanceof Error ? error.cause : error;
  const { code, port, address } = reason as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return { exitCode: 1, message: `The disk is full, or its quota is used up (${code}). Free some space, then try again.` };
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT' || code === 'EAI_AGAIN') {
    return {
      exitCode: 1,
      message: `The database cannot be reached (${code}${address === undefined ? '' : ` at ${address}:${port ?? ''}`}). Check DATABASE_URL, and that the server runs and lets this machine in.`,
    };
  }
  if (code === '53100') return { exitCode: 1, message: 'The disk of the database is full. Free some space there, then try again.' };
  if (code === '53300') {
    return {
      exitCode: 1,
      message: `The database has no connection left (${reason.message}). End something that holds them, or raise its max_connections, then try again.`,
    };
  }
  if (code === '57P03') return { exitCode: 1, message: `The database takes no connections at this moment (${reason.message}). Try again in a moment.` };
  // pg's words for a server that takes the connection and says nothing.
  if (/(due to connection timeout|timeout exceeded when trying to connect)$/.test(reason.message))
    return { exitCode: 1, message: 'The database does not answer. Check that it runs and is not overloaded, and that nothing holds up what is sent to it.' };
  // A pooler's message. We send none of these parameters, so it is in the address.
  if (error.message.startsWith('unsupported startup parameter'))
    return {
      exitCode: 1,
      message: `The pooler in front of the database refuses a setting of the connection (${error.message}). Take it out of DATABASE_URL, or name it in the pooler's ignore_startup_parameters.`,
    };
  // SQLSTATE classes 28 and 3D: wrong credentials or a wrong database name.
  if (code !== undefined && /^(28|3D)[0-9A-Z]{3}$/.test(code))
    return { exitCode: 1, message: `The database refuses us: ${error.message}. Check user, password and name in DATABASE_URL.` };
  return null;
}
