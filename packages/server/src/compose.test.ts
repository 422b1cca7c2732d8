import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

/** Loads all that serves requests and runs jobs, and prints which native libraries came with it. */
const loading = `
  await import(${JSON.stringify(new URL('compose.ts', import.meta.url).href)});
  console.log(JSON.stringify(process.report.getReport().sharedObjects));
`;

test('the process that serves requests and runs jobs has no decoder of pictures in it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=safelight-source', '--input-type=module', '-e', loading]);
  expect((JSON.parse(stdout) as string[]).filter((library) => /vips|sharp/.test(library))).toEqual([]);
});
