import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';

import { scopes } from '@safelight/contract/scopes';

import { defineCommand, UsageError } from './command.ts';
import { owned } from '../lib/owned.ts';
import { parseScopes, parseSpan, usualSpan } from './parse-rights.ts';

export const consoleCommand = defineCommand({
  name: 'console',
  summary: 'Print a link that signs in to the console.',
  details:
    'Needs the server’s SAFELIGHT_JWT_SECRET, in production too; a person who has that secret may do everything anyway. The token is after the #, which browsers send to no server and which the console removes from the address at once.\nIf SAFELIGHT_JWKS_URL is set, tokens come from the identity provider: the link opens the console, which asks for one.',
  options: {
    open: { type: 'boolean', purpose: 'Open it in the browser of this machine instead of printing it.' },
    sub: { type: 'string', value: 'id', purpose: 'The person who signs in. In development "developer", else the name of your account on this machine.' },
    scope: { type: 'string', value: 'scopes', purpose: `Separated by spaces or commas: ${scopes.join(', ')}. media:admin by default.` },
    expires: { type: 'string', value: 'time', purpose: `How long the session lasts: 90s, 15m, 12h, 30d. ${usualSpan} by default.` },
    url: { type: 'string', value: 'URL', purpose: 'The address of the server, if it is neither PUBLIC_URL nor HOST and PORT.' },
  },
  examples: [
    { args: 'console', purpose: 'A link for the server of this configuration.' },
    { args: 'console --open --scope media:review --sub kim', purpose: 'A moderator’s console, in the browser.' },
    { args: 'console --url https://media.example.com', purpose: 'From a machine that has the secret.' },
  ],
  async run({ options, env, cwd, terminal }) {
    const [{ loadConfig }, { mintToken }] = await Promise.all([import('../config.ts'), import('./mint-token.ts')]);
    const { environment, jwt, publicUrl, host, port } = await loadConfig(env, cwd);
    const url = `${addressOf(options.url ?? publicUrl ?? localAddress(host, port))}/console`;
    const sub = options.sub ?? (environment.base === 'production' ? userInfo().username : 'developer');
    const claims = { sub, scope: parseScopes(options.scope ?? 'media:admin').join(' '), expires: parseSpan(options.expires ?? usualSpan) };
    const { secret } = jwt;
    const token = jwt.jwksUrl !== null || secret === null ? null : await mintToken({ ...jwt, secret }, claims);
    const link = token === null ? url : `${url}#token=${token}`;
    if (options.open !== true) return { data: { url: link, ...(token === null ? {} : claims) }, text: link };
    await openInBrowser(link);
    if (!terminal.json) await terminal.write(`Opened ${url}${token === null ? '' : ` as ${sub}`}.\n`);
    return { data: { url, opened: true } };
  },
});

function addressOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError(`--url is "${given}"; wanted: an address like https://media.example.com.`);
  return url.href.replace(/\/+$/, '');
}

/** A server that listens on all addresses is reached here by loopback. */
function localAddress(host: string, port: number): string {
  if (port === 0) throw new UsageError('PORT is 0, so only the running server knows its address. Name it with --url.');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = { darwin: ['open'], win32: ['explorer.exe'] };

async function openInBrowser(link: string): Promise<void> {
  const [file, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = owned(spawn(file, [...args, link], { stdio: 'ignore', detached: true }));
  child.unref();
  try {
    await once(child, 'spawn');
  } catch {
    throw new UsageError(`No browser could be opened: there is no ${file} here. Leave --open out and follow the link that is printed.`);
  }
}
