type SourceFile = { path: string; source: string };

/** Numbers that must not be inlined: the same default or limit would soon be written elsewhere with another value. */
const forms: readonly { what: string; found: RegExp; isExpectedIn?: readonly string[] }[] = [
  { what: 'a number stands in for what was not given; give it a name', found: /\?\? ?-?\d[\d_]+(?:\.\d+)?\b/g },
  {
    what: 'how long another service is waited for belongs into lib/patience.ts or into the settings',
    found: /(?:\btimeout(?:Ms|Millis)?: |AbortSignal\.timeout\()\d[\d_]+/gi,
    isExpectedIn: ['packages/server/src/'],
  },
  { what: 'the default of an option is written into its help by hand', found: /'[^'\n]*\b\d+ by default[^'\n]*'/g, isExpectedIn: ['packages/server/src/bin/'] },
  { what: 'a field of a form has a limit of its own instead of the one in contract/limits.ts', found: /maxLength=\{\d/g },
];

/** Defaults and ranges that are written where they are used, instead of once in a table or as a constant. */
export function findSaidTwice(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => !/\.test\.tsx?$|conformance/.test(path))
    .flatMap(({ path, source }) =>
      forms
        .filter(({ isExpectedIn }) => isExpectedIn === undefined || isExpectedIn.some((room) => path.startsWith(room)))
        .flatMap(({ what, found }) => [...source.matchAll(found)].map(([words]) => `${path}: "${words}": ${what}`)),
    );
}

/** Constants of time and size with the same name and value in two files. The console has its own. */
export function findSharedNumbers(files: readonly SourceFile[]): string[] {
  const seen = new Map<string, string[]>();
  for (const { path, source } of files.filter(({ path }) => path.startsWith('packages/') && !/\.test\.tsx?$|conformance/.test(path)))
    for (const [, name = '', value = ''] of source.matchAll(/^(?:export )?const (\w*(?:Ms|Seconds|Bytes|most\w+|max\w+|usual\w+)) = ([\d_ *<.]+);$/gm)) {
      const key = `${name} = ${value}`;
      seen.set(key, [...(seen.get(key) ?? []), path]);
    }
  return [...seen].filter(([, paths]) => paths.length > 1).map(([key, paths]) => `${key}: ${paths.join(', ')}`);
}
