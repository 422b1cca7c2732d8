import { closestName } from '../lib/closest-name.ts';
import { settings } from './settings.ts';

/** The variables that look like settings of ours and are none, each with the setting that was probably meant. They change nothing, so somebody has to say so. */
export function unknownSettings(env: NodeJS.ProcessEnv): { name: string; meant: string | null }[] {
  const known = settings.map((setting) => setting.env as string);
  return Object.keys(env)
    .filter((name) => name.startsWith('SAFELIGHT_') && !name.startsWith('SAFELIGHT_TEST_') && !known.includes(name))
    .map((name) => ({ name, meant: closestName(name, known) }));
}
