import path from 'node:path';

import { build, defaultClientConditions } from 'vite';
import { expect, test } from 'vitest';

import { names } from '../shared/start-example.ts';

/** Secrets and modules of the back end. The pages get tokens from it, and nothing else. */
const ofTheBackEnd = ['jwtSecret', 'webhookSecret', 'whsec_', 'media:manage', 'SAFELIGHT_', 'SignJWT', 'node:'];

test.each(names)('what a browser gets of "%s" holds no secret and nothing of the back end', async (name) => {
  const built = await build({
    root: path.resolve(import.meta.dirname, '..', name),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['safelight-source', ...defaultClientConditions], dedupe: ['react', 'react-dom'] },
    build: { write: false, minify: false },
  });
  const files = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  const code = files.map((file) => (file.type === 'chunk' ? file.code : String(file.source))).join('\n');
  expect(code).toContain('createRoot');
  expect(ofTheBackEnd.filter((word) => code.includes(word))).toEqual([]);
});
