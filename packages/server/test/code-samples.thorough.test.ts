import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import { openapiDocument } from '../src/http/openapi.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

test('every TypeScript sample compiles with the current client', async () => {
  const { paths = {} } = openapiDocument({ apiPrefix: '/v1', baseURL: 'https://media.example.com', version: '1.0.0' });
  // Inside the checkout, so that they find its packages like an application.
  const cache = path.join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'code-samples-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let written = 0;
  for (const methods of Object.values(paths)) {
    for (const { operationId, 'x-codeSamples': samples } of Object.values(
      methods as Record<string, { operationId: string; 'x-codeSamples': { label: string; source: string }[] }>,
    )) {
      const { source = '' } = samples.find(({ label }) => label === 'TypeScript') ?? {};
      await writeFile(path.join(folder, `${operationId}.ts`), `${source}\nexport {};\n`);
      written += 1;
    }
  }
  expect(written).toBeGreaterThan(60);
  await writeFile(
    path.join(folder, 'broken.ts'),
    `import { createClient } from '@safelight/client';\nawait createClient({ baseURL: '' }).request('readMedia', {});\n`,
  );
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: path.join(root, 'tsconfig.json'), compilerOptions: { noUnusedLocals: false }, include: ['*'] }),
  );
  const said = await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
  const problems = said.split('\n').filter((line) => line.includes('code-samples-'));
  expect(problems.filter((line) => !line.includes('broken.ts'))).toEqual([]);
  expect(problems, 'a call that is wrong is seen').toHaveLength(1);
});
