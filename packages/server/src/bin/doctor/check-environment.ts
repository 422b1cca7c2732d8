import { unknownSettings } from '../../config/unknown-settings.ts';
import type { Config } from '../../config.ts';
import { doubtful, fine, type Finding } from './finding.ts';

/** Settings that are valid but probably not intended. */
export function checkEnvironment(config: Config, env: NodeJS.ProcessEnv): Finding[] {
  const findings = unknownSettings(env).map(({ name, meant }) =>
    doubtful(
      'settings',
      `${name} is set, and there is no such setting`,
      meant === null ? 'Remove it; docs/configuration.md lists them all.' : `Did you mean ${meant}?`,
    ),
  );
  if (config.environment.base === 'production' && config.publicUrl === null) {
    findings.push(
      doubtful(
        'settings',
        'PUBLIC_URL is not set, so every URL begins with the address on which this server listens',
        'Set PUBLIC_URL to the address under which others reach this server.',
      ),
    );
  }
  if (config.environment.base === 'production' && config.stores.some(({ provider }) => provider === 'filesystem')) {
    findings.push(
      doubtful(
        'settings',
        'objects are stored in a folder of this machine, in production',
        'Fine on one machine with backups. Several machines need s3, azure or gcs.',
      ),
    );
  }
  return findings.length > 0
    ? findings
    : [fine('settings', `environment "${config.environment.name}", ${config.collections.size} collections, no contradictions`)];
}
