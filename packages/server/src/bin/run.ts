import { ConfigError } from '../config.ts';
import { EmbeddedPostgresRefusal } from '../lib/embedded-postgres.ts';
import { runServer } from './run-server.ts';

/** Runs one command; answers the exit code: 0 clean, 1 failure, 2 bad configuration. */
export async function run(args: readonly string[]): Promise<number> {
  const [command = 'help'] = args;
  try {
    switch (command) {
      case 'start':
        return await runServer({ http: true, worker: true });
      case 'serve':
        return await runServer({ http: true, worker: false });
      case 'worker':
        return await runServer({ http: false, worker: true });
      default:
        process.stderr.write(`There is no command "${command}".\n`);
        return 1;
    }
  } catch (error) {
    if (error instanceof ConfigError || error instanceof EmbeddedPostgresRefusal) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
}
