import { posix } from 'node:path';
import { readImports, type SourceFile } from './read-imports.ts';

/**
 * The layers of ARCHITECTURE.md as data. A room (module) is a folder of `packages/server/src`, or one of the few files that stand beside them.
 * A room imports itself and lower floors; what stands on one floor meets through a job name or an event.
 */
const floors: ReadonlyArray<ReadonlyArray<string>> = [
  ['lib'],
  ['storage', 'policy', 'jobs', 'filetypes', 'scanning', 'egress'],
  ['events', 'may-read'],
  ['assets'],
  ['places'],
  ['uploads', 'processing', 'review', 'grants'],
  ['delivery', 'collections', 'generation', 'reconcile', 'backup'],
  ['config', 'http'],
  ['site'],
  ['compose'],
  ['bin'],
];

/**
 * Rooms that hold a port: each of their subfolders is one adapter. It is known to `compose.ts` and to the two files of its own room that
 * choose among adapters and name their configurations (`open-store.ts`, `store-config.ts`), and to nobody else.
 */
const portRooms = new Set(['storage', 'generation', 'review']);
/** Read once, at the top: a room is given the values it needs, never the whole configuration. */
const configReaders = new Set(['bin', 'compose', 'config']);
const frameworkRooms = new Set(['http', 'bin', 'compose']);
const vagueNames = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'managers', 'services']);

const serverSource = 'packages/server/src/';

/** One sentence for each breach of the floor plan. Paths are relative to the repository and use `/`. */
export const findBreaches = (files: ReadonlyArray<SourceFile>): string[] => files.flatMap((file) => [...breachesOfPath(file.path), ...breachesOfImports(file)]);

/** Tests, and the suites that several tests share (`store-conformance.ts`), may reach everywhere. */
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path) || path.endsWith('-conformance.ts') || path.includes('/test/');

const breachesOfPath = (path: string): string[] => {
  const vague = posix
    .dirname(path)
    .split('/')
    .find((name) => vagueNames.has(name));
  const breaches = vague ? [`${path}: a folder named "${vague}" says nothing about what is in it; name the room or the verb.`] : [];
  const room = roomOf(path);
  if (room !== undefined && floorOf(room) === -1) breaches.push(`${path}: "${room}" is not a room of the floor plan; move the file, or give the room a floor.`);
  return breaches;
};

const breachesOfImports = (file: SourceFile): string[] => {
  if (isTest(file.path)) return [];
  return readImports(file).flatMap((specifier) => {
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : specifier;
    const reason = forbiddenBetweenPackages(file.path, target) ?? forbiddenInServer(file.path, target);
    return reason ? [`${file.path} imports ${specifier}: ${reason}`] : [];
  });
};

const forbiddenBetweenPackages = (path: string, target: string): string | undefined => {
  const home = packageOf(path);
  const local = target.startsWith(`${home}/`);
  if (/^(packages|apps)\//.test(target) && !local) return 'reach another package by its name, never by its path.';
  if (local && isTest(target)) return 'what ships does not import from tests.';
  if (home === 'packages/contract' && !local && target !== 'zod' && !target.startsWith('zod/')) return 'the contract imports zod and itself, nothing else.';
  if (home === 'packages/client' && !local && !target.startsWith('@safelight/contract/'))
    return 'the client is framework-free: it imports the contract and itself.';
  if (home !== 'packages/server' && target.startsWith('@safelight/server')) return 'only the server imports the server; others speak HTTP.';
  return undefined;
};

const forbiddenInServer = (path: string, target: string): string | undefined => {
  const from = roomOf(path);
  if (from === undefined) return undefined;
  if (/^(fastify$|@fastify\/)/.test(target) && !frameworkRooms.has(from)) return `${from} knows no web framework; only http does.`;

  const to = roomOf(target);
  if (to === undefined) return undefined;
  const adapter = adapterOf(target);
  if (adapter !== undefined && adapter !== adapterOf(path) && from !== 'compose' && !choosesAdapters(path, to))
    return `only compose.ts knows the adapter ${adapter}.`;
  if (to === from) return undefined;
  if (to === 'config' && !configReaders.has(from)) return `only bin and compose read the configuration; pass ${from} the values it needs.`;
  if (floorOf(to) === floorOf(from)) return `${from} and ${to} stand on one floor; let them meet through a job or an event.`;
  if (floorOf(to) > floorOf(from)) return `${to} stands above ${from}; a room imports only lower floors.`;
  return undefined;
};

const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/');

/** `config-schema.ts` and `compose-stores.ts` belong to the file they serve: `config` and `compose` are each one room of several files. */
const roomOf = (path: string): string | undefined => {
  if (!path.startsWith(serverSource)) return undefined;
  const [first, ...rest] = path.slice(serverSource.length).split('/');
  // Delivery's question, asked by every room that reads: pure, so it can stand below all of them.
  if (first === 'delivery' && rest.join('/') === 'may-read.ts') return 'may-read';
  if (first === undefined || rest.length > 0) return first;
  return first.replace(/(-.*)?(\.test)?\.tsx?$/, '');
};

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

/** `storage/open-store.ts`, `storage/store-config.ts`. */
const choosesAdapters = (path: string, room: string): boolean => new RegExp(`^${serverSource}${room}/(open-[a-z]+|[a-z]+-config)\\.ts$`).test(path);

const adapterOf = (path: string): string | undefined => {
  if (!path.startsWith(serverSource)) return undefined;
  const [room, folder, ...rest] = path.slice(serverSource.length).split('/');
  return room !== undefined && portRooms.has(room) && rest.length > 0 ? `${room}/${folder}` : undefined;
};
