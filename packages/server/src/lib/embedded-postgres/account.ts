import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';

/** `nobody` on every supported system; any account but root will do. */
const unprivileged = 65534;

export type Account = {
  /** The command line to spawn so that `command` runs under this account. */
  command: (command: string, args: string[]) => { file: string; args: string[]; ids: { uid?: number; gid?: number } };
  /** The owner that the files of Postgres must have; undefined when they are ours anyway. */
  owner: { uid: number; gid: number } | undefined;
  canEnter: (directory: string) => boolean;
  /** Stricter: Postgres uses `access(2)` to check that its own program is executable, and that call ignores capabilities. */
  canExecuteIn: (directory: string) => boolean;
};

/**
 * The account that Postgres runs under: ours, or, because Postgres refuses to run as root, the owner of an existing data directory, else nobody. A
 * root shell's home is usually closed to other accounts (`/root` is 0700), so they could not reach a data directory below it. Rather than opening
 * directories that are not ours, or keeping data in an unexpected place, Postgres then keeps the one capability that lets it pass through them.
 */
export function chooseAccount(dataDir: string, mustEnter: string[]): Account {
  if (process.getuid?.() !== 0) {
    return { command: (file, args) => ({ file, args, ids: {} }), owner: undefined, canEnter: () => true, canExecuteIn: () => true };
  }
  const owner = ownerOf(dataDir) ?? { uid: unprivileged, gid: unprivileged };
  const passesAll = (directory: string): boolean => ancestors(directory).every((ancestor) => mayPass(ancestor, owner));
  const plain: Account = { command: (file, args) => ({ file, args, ids: owner }), owner, canEnter: passesAll, canExecuteIn: passesAll };
  if (mustEnter.every(plain.canEnter)) return plain;
  // The first is enough; containers usually have only the second.
  for (const capability of ['dac_read_search', 'dac_override']) {
    const flags = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`];
    const capable: Account = {
      command: (file, args) => ({ file: 'setpriv', args: [...flags, file, ...args], ids: {} }),
      owner,
      canEnter: (directory) => spawnSync('setpriv', [...flags, 'sh', '-c', 'cd "$1"', 'sh', directory], { stdio: 'ignore' }).status === 0,
      canExecuteIn: passesAll,
    };
    if (mustEnter.every(capable.canEnter)) return capable;
  }
  return plain;
}

function ownerOf(dataDir: string): { uid: number; gid: number } | undefined {
  const stat = statSync(dataDir, { throwIfNoEntry: false });
  return stat === undefined || stat.uid === 0 ? undefined : { uid: stat.uid, gid: stat.gid };
}

function ancestors(directory: string): string[] {
  const found = [directory];
  for (let at = directory; path.dirname(at) !== at; at = path.dirname(at)) found.push(path.dirname(at));
  return found;
}

function mayPass(directory: string, ids: { uid: number; gid: number }): boolean {
  const stat = statSync(directory, { throwIfNoEntry: false });
  // A missing directory will be created for this account.
  if (stat === undefined) return true;
  const executable = stat.uid === ids.uid ? 0o100 : stat.gid === ids.gid ? 0o010 : 0o001;
  return (stat.mode & executable) !== 0;
}
