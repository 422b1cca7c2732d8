import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { SigningKeys } from '../lib/signing.ts';

type Secrets = { dataDir: string; jwt: { secret: string | null; jwksUrl: string | null }; signingKeys: SigningKeys | null };

/** Creates missing secrets once and keeps them beside the data, so that tokens survive a restart. */
export function withDevelopmentSecrets<Config extends Secrets>(config: Config): Config & { signingKeys: SigningKeys } {
  const kept = (name: string): string => {
    const file = path.join(config.dataDir, 'secrets', name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    if (existsSync(file)) return readFileSync(file, 'utf8');
    const unfinished = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
    writeFileSync(unfinished, randomBytes(32).toString('hex'), { mode: 0o600 });
    try {
      // Atomic, and never replaces an existing file: two processes that start at once agree on one secret.
      linkSync(unfinished, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(unfinished);
    }
    return readFileSync(file, 'utf8');
  };
  const { jwt, signingKeys } = config;
  return {
    ...config,
    jwt: jwt.secret === null && jwt.jwksUrl === null ? { ...jwt, secret: kept('jwt') } : jwt,
    signingKeys: signingKeys ?? [{ id: 'dev', secret: kept('signing') }],
  };
}
