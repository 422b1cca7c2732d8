import path from 'node:path';

/** Sets the variables of the folder's `.env` that are not in the environment yet. Without such a file it does nothing. */
export function readEnvFile(folder: string): void {
  const file = path.join(folder, '.env');
  try {
    process.loadEnvFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    console.error(`${file} could not be read: ${error instanceof Error ? error.message : String(error)}. Make it readable, or take it away.`);
    process.exit(2);
  }
}
