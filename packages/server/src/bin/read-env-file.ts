import path from 'node:path';

/** Sets what `.env` in the folder says and the environment does not say yet. Without such a file nothing happens. */
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
