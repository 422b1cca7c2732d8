import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { Product } from '../../packages/server/test/support/product.ts';

const root = path.resolve(import.meta.dirname, '../..');

type Reader = {
  /** The working directory of the reader. */
  place: string;
  dataDir: string;
  product: Product;
  /** Additional environment variables of the reader. */
  env?: Record<string, string>;
};

/** Runs a script of a page next to the product, and returns its exit code and its whole output. */
export async function runScript(script: string, { place, dataDir, product, env = {} }: Reader): Promise<{ code: number | null; said: string }> {
  const shell = spawn('bash', ['-c', script], {
    cwd: place,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TOKEN: product.token,
      API: `${product.url}/v1`,
      SAFELIGHT: product.url,
      PUBLIC_URL: product.url,
      SAFELIGHT_DATA_DIR: dataDir,
      SAFELIGHT_CONFIG: path.join(root, 'safelight.config.ts'),
      SAFELIGHT_NODE: process.execPath,
      SAFELIGHT_ENTRY: path.join(root, 'packages/server/src/bin/safelight.ts'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [shell.stdout, shell.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const [code] = (await once(shell, 'close')) as [number | null];
  return { code, said: said.join('') };
}
