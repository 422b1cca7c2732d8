import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { startServer, type StartedServer } from './start-server.ts';

/**
 * Starts like a user who has installed the package: in an empty folder, `init` for each of the applications, and then the three commands that it
 * prints: `doctor` finds nothing wrong, `start` serves, and the token works.
 */
export async function checkInit(project: string): Promise<string[]> {
  const templates = readdirSync(resolve(project, 'node_modules/@safelight/server/templates'), { withFileTypes: true });
  const applications = templates.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const application of applications) await beginWith(application, resolve(project, application));
  return applications;
}

const tokenBy = async (folder: string, command: readonly string[]): Promise<string> => (await run(folder, command)).trim();

export type Begun = { url: string; token: string; stop: () => Promise<void> };

/** Starts the installed package in an application that `checkInit` created. The caller stops it. */
export async function startPacked(project: string, application: string): Promise<Begun> {
  const folder = resolve(project, application);
  const product = await begin(folder, ['start']);
  try {
    return { url: urlOf(product), token: await tokenBy(folder, ['token', '--scope', 'media:write', '--sub', 'ada']), stop: product.stop };
  } catch (error) {
    await product.stop();
    throw error;
  }
}

async function beginWith(application: string, folder: string): Promise<void> {
  mkdirSync(folder);
  const { next } = JSON.parse(await run(folder, ['init', application, '--json'])) as { next: string[] };
  const [doctor, start, token] = next.map((command) => command.replace(/^npx safelight /, '').split(' '));
  if (doctor === undefined || start === undefined || token === undefined)
    throw new Error(`init ${application} names ${next.length} commands: ${next.join('; ')}`);
  await run(folder, doctor);
  const product = await begin(folder, start);
  try {
    const answer = await fetch(`${urlOf(product)}/v1/media`, { headers: { authorization: `Bearer ${await tokenBy(folder, token)}` } });
    if (answer.status !== 200) throw new Error(`${application}: what "${token.join(' ')}" printed was answered with ${answer.status}: ${await answer.text()}`);
  } finally {
    await product.stop();
  }
}

const entry = '../node_modules/@safelight/server/bin/safelight.mjs';
// A free port, and none of the user's settings.
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0' };

async function run(folder: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [entry, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`safelight ${args.join(' ')} ended with ${String(child.exitCode ?? child.signalCode)}:\n${output}${errors}`);
  return output;
}

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => Buffer.concat(await Array.fromAsync(stream)).toString();

const begin = async (folder: string, args: readonly string[]): Promise<StartedServer> =>
  await startServer(process.execPath, [entry, ...args], { cwd: folder, env, saysReady: /is ready at (\S+)/, withinSeconds: 60 });

const urlOf = ({ ready }: StartedServer): string => ready[1] ?? '';
