import { settings } from '../../config/settings.ts';
import type { Config } from '../../config.ts';
import { closestName } from '../../lib/closest-name.ts';
import { doubtful, fine, type Finding } from './finding.ts';

/** Settings that are valid but probably not intended. */
export function checkEnvironment(config: Config, env: NodeJS.ProcessEnv): Finding[] {
  const known = settings.map((setting) => setting.env as string);
  const findings = Object.keys(env)
    .filter((name) => name.startsWith('SAFELIGHT_') && !name.startsWith('SAFELIGHT_TEST_') && !known.includes(name))
    .map((name) => {
      const meant = closestName(name, known);
      return doubtful(
        'settings',
        `${name} is set, and there is no such setting`,
        meant === null ? 'Remove it; docs/configuration.md lists them all.' : `Did you mean ${meant}?`,
      );
    });
  if (config.environment.base === 'production' && config.publicUrl === null) {
    findings.push(
      doubtful(
        'settings',
        'PUBLIC_URL is not set, so URLs are given out with the address listened on',
        'Set PUBLIC_URL to the address under which others reach this server.',
      ),
    );
  }
  if (config.environment.base === 'production' && config.stores.some(({ provider }) => provider === 'filesystem')) {
    findings.push(
      doubtful('settings', 'objects lie in a file system, in production', 'Fine on one machine with backups. Several machines need s3, azure or gcs.'),
    );
  }
  return findings.length > 0
    ? findings
    : [fine('settings', `environment "${config.environment.name}", ${config.collections.size} collections, no contradictions`)];
}
