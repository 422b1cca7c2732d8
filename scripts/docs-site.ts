// npm run docs:site: builds the documents as a static site in site/dist, and checks them for broken links and for other hosts. "-- --serve" shows it
// instead, and again after each change. Its builder is installed on first use, separately from the project.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

import { checkSite } from './site/check-site.ts';

const site = path.resolve(import.meta.dirname, '../site');
const args = process.argv.slice(2);

/** Whether the installed packages match the lock file. */
function isInstalled(): boolean {
  const installed = path.join(site, 'node_modules/.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(path.join(site, 'package-lock.json')).mtimeMs;
}

async function run(command: string, given: string[]): Promise<void> {
  const [code] = (await once(spawn(command, given, { cwd: site, stdio: 'inherit' }), 'close')) as [number | null];
  if (code !== 0) process.exit(1);
}

if (!isInstalled()) await run('npm', ['ci', '--no-audit', '--no-fund']);
const vitepress = path.join(site, 'node_modules/vitepress/bin/vitepress.js');
const rest = args.filter((arg) => arg !== '--serve');
if (args.includes('--serve')) await run(process.execPath, [vitepress, 'dev', '.', ...rest]);
else {
  await run(process.execPath, [vitepress, 'build', '.', ...rest]);
  const { pages, faults } = checkSite(path.join(site, 'dist'));
  for (const fault of faults) console.error(fault);
  console.log(`${pages} pages in site/dist, ${faults.length} links or addresses at fault.`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
