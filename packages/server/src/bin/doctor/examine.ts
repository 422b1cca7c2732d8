import { openDatabaseOf, openResources } from '../../compose-data.ts';
import type { Config } from '../../config.ts';
import type { Call } from '../command.ts';
import { commandLog } from '../with-database.ts';
import { checkCodecs } from './check-codecs.ts';
import { checkCors } from './check-cors.ts';
import { checkDatabase, checkDatabaseReached } from './check-database.ts';
import { checkDelivery } from './check-delivery.ts';
import { checkDisk } from './check-disk.ts';
import { checkEnvironment } from './check-environment.ts';
import { checkEngine } from './check-engine.ts';
import { checkGates } from './check-gates.ts';
import { checkListen } from './check-listen.ts';
import { checkMalwareScan } from './check-malware-scan.ts';
import { checkModels } from './check-models.ts';
import { checkPort } from './check-port.ts';
import { checkRedis } from './check-redis.ts';
import { checkRuntime } from './check-runtime.ts';
import { checkStore } from './check-store.ts';
import { checkTraces } from './check-traces.ts';
import type { Finding } from './finding.ts';

/** Runs every check independently: the result of one never prevents another. */
export async function* examine(config: Config, call: Pick<Call, 'env' | 'signal'>): AsyncGenerator<{ finding: Finding; done: number; total: number }, void> {
  const { env, signal } = call;
  const log = commandLog(config, env);
  const { own, closeAll } = openResources(log);
  const tests: (() => Promise<Finding[]> | Finding[])[] = [
    () => checkRuntime(),
    () => checkEnvironment(config, env),
    async () => {
      const reached = await checkDatabaseReached(() => openDatabaseOf(config, { log, own, beside: true, signal }));
      return [
        ...reached.findings,
        ...(reached.database === null
          ? []
          : [...(await checkDatabase(reached.database, config)), ...(await checkListen(reached.database, config, { signal }))]),
      ];
    },
    async () => await checkRedis(config, { signal }),
    ...config.stores.map((store) => async () => await checkStore(store, { signal })),
    async () => await checkCors(config, { signal }),
    () => checkDelivery(config),
    () => checkGates(config),
    async () => await checkCodecs(config, { signal }),
    async () => await checkEngine(config, { signal }),
    async () => await checkMalwareScan(config, { signal }),
    async () => await checkModels(config, { signal, env }),
    async () => await checkTraces(config, { signal, env }),
    async () => await checkDisk(config),
    async () => await checkPort(config, { signal }),
  ];
  try {
    let done = 0;
    for (const test of tests) {
      signal.throwIfAborted();
      const findings = await test();
      done += 1;
      for (const finding of findings) yield { finding, done, total: tests.length };
    }
  } finally {
    await closeAll();
  }
}
