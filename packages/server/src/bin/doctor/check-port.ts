import { once } from 'node:events';
import { createServer } from 'node:net';

import { owned } from '../../lib/owned.ts';
import type { Config } from '../../config.ts';
import { patienceMs } from '../../lib/patience.ts';
import { baseURLOf } from '../with-data.ts';
import { broken, fine, type Finding } from './finding.ts';

/** Either the port is free, or a Safelight has it: both are fine. */
export async function checkPort(config: Config, { signal }: { signal: AbortSignal }): Promise<Finding[]> {
  const { host, port } = config;
  const where = `${host}:${port}`;
  if (port === 0) return [fine('port', 'PORT is 0: the system chooses a free one at each start')];
  const server = owned(createServer());
  try {
    server.listen({ host, port });
    await once(server, 'listening', { signal });
    return [fine('port', `${where} is free`)];
  } catch (error) {
    if (signal.aborted) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      const isOurs = await answersAsSafelight(config, signal);
      return [
        isOurs ? fine('port', `a Safelight serves ${where}`) : broken('port', `another program listens at ${where}`, 'Stop it, or set PORT to another one.'),
      ];
    }
    return [
      broken(
        'port',
        `${where} cannot be listened on (${code ?? String(error)})`,
        code === 'EACCES' ? 'Ports below 1024 need rights: choose a higher PORT and put a proxy in front.' : 'Set HOST to an address of this machine.',
      ),
    ];
  } finally {
    server.close();
  }
}

async function answersAsSafelight(config: Config, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(`${baseURLOf({ ...config, publicUrl: null })}/openapi.json`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs.check)]),
    });
    const document = (await response.json()) as { info?: { title?: string } };
    return document.info?.title === 'Safelight';
  } catch {
    return false;
  }
}
