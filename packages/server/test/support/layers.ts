import { posix } from 'node:path';
import { readImports, type SourceFile } from './read-imports.ts';

/**
 * The layers of ARCHITECTURE.md as data, from the lowest up. A module is a folder of `packages/server/src`, or one of the few files beside them. It
 * imports itself and lower layers; modules of one layer are connected by a job name or an event.
 */
const layers: ReadonlyArray<ReadonlyArray<string>> = [
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
 * Modules with an interface that has several adapters, one in each subfolder. Only `compose.ts` and two files of the module itself know the adapters:
 * the one that chooses among them and the one that names their configurations (`open-store.ts`, `store-config.ts`).
 */
const portModules = new Set(['storage', 'generation', 'review']);
/** The configuration is read once, at the top; modules get the values they need, never all of it. */
const configReaders = new Set(['bin', 'compose', 'config']);
const frameworkModules = new Set(['http', 'bin', 'compose']);
const vagueNames = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'managers', 'services']);

const serverSource = 'packages/server/src/';

/** One sentence for each import or path that breaks the rules. Paths are relative to the repository and use `/`. */
export const findBreaches = (files: ReadonlyArray<SourceFile>): string[] => files.flatMap((file) => [...breachesOfPath(file.path), ...breachesOfImports(file)]);

/** Tests, and the suites that several tests share (`store-conformance.ts`), may reach everywhere. */
const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path) || path.endsWith('-conformance.ts') || path.includes('/test/');

const breachesOfPath = (path: string): string[] => {
  const vague = posix
    .dirname(path)
    .split('/')
    .find((name) => vagueNames.has(name));
  const breaches = vague ? [`${path}: a folder named "${vague}" says nothing about what is in it; name it after its module or verb.`] : [];
  const module = moduleOf(path);
  if (module !== undefined && layerOf(module) === -1) breaches.push(`${path}: "${module}" is in no layer; move the file, or add the module to a layer.`);
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
  const from = moduleOf(path);
  if (from === undefined) return undefined;
  if (/^(fastify$|@fastify\/)/.test(target) && !frameworkModules.has(from)) return `${from} knows no web framework; only http does.`;

  const to = moduleOf(target);
  if (to === undefined) return undefined;
  const adapter = adapterOf(target);
  if (adapter !== undefined && adapter !== adapterOf(path) && from !== 'compose' && !choosesAdapters(path, to))
    return `only compose.ts knows the adapter ${adapter}.`;
  if (to === from) return undefined;
  if (to === 'config' && !configReaders.has(from)) return `only bin and compose read the configuration; pass ${from} the values it needs.`;
  if (layerOf(to) === layerOf(from)) return `${from} and ${to} are in one layer; connect them by a job or an event.`;
  if (layerOf(to) > layerOf(from)) return `${to} is above ${from}; a module imports only lower layers.`;
  return undefined;
};

const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/');

/** `config` and `compose` are modules of several files: `config-schema.ts`, `compose-http.ts` and the like belong to them. */
const moduleOf = (path: string): string | undefined => {
  if (!path.startsWith(serverSource)) return undefined;
  const [first, ...rest] = path.slice(serverSource.length).split('/');
  // A pure function that every module which reads needs, so it is below all of them.
  if (first === 'delivery' && rest.join('/') === 'may-read.ts') return 'may-read';
  if (first === undefined || rest.length > 0) return first;
  return first.replace(/(-.*)?(\.test)?\.tsx?$/, '');
};

const layerOf = (module: string): number => layers.findIndex((modules) => modules.includes(module));

/** `storage/open-store.ts`, `storage/store-config.ts`. */
const choosesAdapters = (path: string, module: string): boolean => new RegExp(`^${serverSource}${module}/(open-[a-z]+|[a-z]+-config)\\.ts$`).test(path);

const adapterOf = (path: string): string | undefined => {
  if (!path.startsWith(serverSource)) return undefined;
  const [module, folder, ...rest] = path.slice(serverSource.length).split('/');
  return module !== undefined && portModules.has(module) && rest.length > 0 ? `${module}/${folder}` : undefined;
};
