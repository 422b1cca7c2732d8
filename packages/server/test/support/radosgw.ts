import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';

/** A real S3 counterpart: Ceph's gateway over one monitor and one in-memory OSD, all on loopback. */
export type Radosgw = {
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  stop(): Promise<void>;
};

const binaries = ['ceph-authtool', 'monmaptool', 'ceph-mon', 'ceph-osd', 'ceph', 'radosgw', 'radosgw-admin'];

/** Why there is no gateway here; null if it can be started. */
export function whyNoRadosgw(): string | null {
  const missing = binaries.filter((binary) => spawnSync(binary, ['--version'], { stdio: 'ignore' }).error !== undefined);
  if (missing.length === 0) return null;
  return `Ceph's gateway is not installed (no ${missing.join(', ')}): apt-get install radosgw ceph-mon ceph-osd ceph-common`;
}

export async function startRadosgw(): Promise<Radosgw> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-rgw-'));
  const [monitorPort, gatewayPort] = [await freePort(), await freePort()];
  // The OSD takes the next free ones after it; the others are above.
  const firstOsdPort = 10_000 + Math.floor(Math.random() * 9_000);
  const config = join(directory, 'ceph.conf');
  const running: { mon?: ChildProcess; osd?: ChildProcess; gateway?: ChildProcess } = {};
  const stop = async (): Promise<void> => {
    // The gateway stops first: it hangs during shutdown once its OSD is gone.
    for (const child of [running.gateway, running.osd, running.mon]) if (child !== undefined) await end(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await mkdir(join(directory, 'mon'));
    await mkdir(join(directory, 'osd'));
    await writeFile(config, configuration(directory, crypto.randomUUID(), monitorPort, gatewayPort, firstOsdPort));
    const keyring = join(directory, 'keyring');
    const osdId = crypto.randomUUID();
    const ceph = ['-c', config];
    await run('ceph-authtool', [keyring, '--create-keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *']);
    for (const [name, ...caps] of identities) await run('ceph-authtool', [keyring, '--gen-key', '-n', name, ...caps]);
    const fsid = /fsid = (\S+)/.exec(await readFile(config, 'utf8'))?.[1] ?? '';
    await run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${monitorPort}]`, join(directory, 'monmap')]);
    await run('ceph-mon', [...ceph, '--mkfs', '-i', 'a', '--monmap', join(directory, 'monmap'), '--keyring', keyring]);
    running.mon = daemon('ceph-mon', [...ceph, '-i', 'a', '-f']);
    // Without a monitor it would ask for five minutes.
    await run('ceph', [...ceph, '--connect-timeout', '30', 'osd', 'new', osdId, '0']);
    await run('ceph-osd', [...ceph, '-i', '0', '--mkfs', '--osd-uuid', osdId]);
    running.osd = daemon('ceph-osd', [...ceph, '-i', '0', '-f']);
    running.gateway = daemon('radosgw', [...ceph, '-n', 'client.rgw', '-f']);
    const endpoint = `http://127.0.0.1:${gatewayPort}`;
    await answers(endpoint, running.gateway);
    const credentials = { accessKeyId: 'testkey', secretAccessKey: 'testsecret' };
    const user = ['--uid=test', '--display-name=test', `--access-key=${credentials.accessKeyId}`, `--secret=${credentials.secretAccessKey}`];
    await run('radosgw-admin', [...ceph, 'user', 'create', ...user]);
    return { endpoint, credentials, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const identities = [
  ['client.admin', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *'],
  ['client.rgw', '--cap', 'mon', 'allow rw', '--cap', 'osd', 'allow rwx'],
  ['osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *'],
] as const;

/** One replica, no manager, quick elections: nothing of what makes a cluster safe and slow. */
const configuration = (directory: string, fsid: string, monitorPort: number, gatewayPort: number, firstOsdPort: number): string => `
[global]
fsid = ${fsid}
mon host = v2:127.0.0.1:${monitorPort}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.1/32
cluster network = 127.0.0.1/32
keyring = ${directory}/keyring
auth allow insecure global id reclaim = false
mon data avail warn = 1
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon warn on pool no redundancy = false
mon allow pool size one = true
mon max pg per osd = 2000
osd crush chooseleaf type = 0
run dir = ${directory}
admin socket = ${directory}/$name.asok
log file = ${directory}/$name.log
log to stderr = false
pid file = ${directory}/$name.pid
ms bind port min = ${firstOsdPort}
ms bind port max = ${firstOsdPort + 200}
ms bind ipv6 = false
[mon]
mon data = ${directory}/mon
mon osd prime pg temp = false
paxos propose interval = 0.02
paxos min wait = 0.01
mon tick interval = 1
[osd]
osd data = ${directory}/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd max object name len = 2048
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw data = ${directory}
rgw crypt require ssl = false
rgw enable usage log = false
rgw gc obj min wait = 60
rgw thread pool size = 32
`;

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${said.trim()}`);
}

/** Runs under a shell that waits on a pipe from us, so that the daemon also ends if this process is killed. */
const daemon = (command: string, args: readonly string[]): ChildProcess =>
  spawn('sh', ['-c', '"$@" 3<&- & child=$!; trap "kill $child" TERM; (read -r _; kill -9 $child) <&3 & wait $child; wait $child', 'sh', command, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const pipe = child.stdio[3];
  // The shell kills whatever does not end by itself.
  const insist = setTimeout(() => pipe?.destroy(), 3_000);
  await ended;
  clearTimeout(insist);
  pipe?.destroy();
}

async function answers(endpoint: string, gateway: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (gateway.exitCode !== null) throw new Error(`radosgw ended with ${gateway.exitCode} before it was ready.`);
    const ready = await fetch(endpoint).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('radosgw did not answer within 30 s.');
}
