import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { fileSchema } from '../../config-schema.ts';
import { textOf } from '../../config/read-settings.ts';
import type { Setting } from '../../config/setting.ts';
import { settings } from '../../config/settings.ts';

export type DescribedSetting = { name: string; value: string; from: 'environment' | 'default' | 'file' | 'not set' | 'generated' };

/** Every effective setting, secrets masked, with its source. Call it with a configuration that has loaded. */
export async function describeConfiguration(env: NodeJS.ProcessEnv, cwd: string): Promise<DescribedSetting[]> {
  const fromEnvironment = await Promise.all(settings.map(async (setting) => await describeSetting(setting, env, cwd)));
  return [...fromEnvironment, ...(await describeFile(env, cwd))];
}

/** Where generated development secrets are kept. */
const generated: Record<string, string> = { SAFELIGHT_JWT_SECRET: 'jwt', SAFELIGHT_SIGNING_KEYS: 'signing' };

async function describeSetting(setting: Setting, env: NodeJS.ProcessEnv, cwd: string): Promise<DescribedSetting> {
  const { env: name, secret } = setting;
  const given = env[name]?.trim();
  if (given !== undefined && given !== '') return { name, value: secret === true ? maskSecret(given) : maskPassword(given), from: 'environment' };
  if (setting.default !== undefined) return { name, value: setting.default, from: 'default' };
  const file = generated[name];
  const dataDir = textOf(env, 'SAFELIGHT_DATA_DIR') ?? '';
  const isKept = file !== undefined && (await readFile(path.resolve(cwd, dataDir, 'secrets', file)).catch(() => null)) !== null;
  return isKept ? { name, value: `kept in ${dataDir}/secrets/${file}`, from: 'generated' } : { name, value: '', from: 'not set' };
}

/** Of a secret only its length is shown; of a URL its parts without the password, so that a wrong host can be seen. */
function maskSecret(value: string): string {
  if (!URL.canParse(value) || new URL(value).host === '') return `•••••• (${value.length} characters)`;
  return maskPassword(value);
}

function maskPassword(value: string): string {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.password === '' && url.search === '') return value;
  if (url.password !== '') url.password = '••••••';
  // A query may contain a password or a signature too.
  for (const key of url.searchParams.keys()) if (!['host', 'port', 'sslmode', 'application_name'].includes(key)) url.searchParams.set(key, '••••••');
  return decodeURI(url.href);
}

async function describeFile(env: NodeJS.ProcessEnv, cwd: string): Promise<DescribedSetting[]> {
  const file = path.resolve(cwd, textOf(env, 'SAFELIGHT_CONFIG') ?? '');
  const { default: given } = (await import(pathToFileURL(file).href)) as { default: Record<string, unknown> };
  // It was validated when the configuration was loaded.
  const parsed = fileSchema.parse(given);
  return Object.entries(parsed).map(([name, value]) => ({
    name,
    value: name === 'collections' ? Object.keys(value ?? {}).join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value),
    from: given[name] === undefined ? 'default' : 'file',
  }));
}
