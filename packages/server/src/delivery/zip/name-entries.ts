const mostBytes = 255;
/** What follows the last dot and is longer belongs to the name, which may be cut. */
const longestEnding = 32;
/** Windows opens a device under these names, whatever ending follows. */
const device = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/**
 * Names for the files of an archive, in order: none leads out of the folder that it is unpacked in, and none occurs twice, even ignoring case: the
 * second `a.jpg` is `a (2).jpg`.
 */
export function nameEntries(fileNames: readonly string[]): string[] {
  const taken = new Set<string>();
  return fileNames.map((fileName) => {
    const plain = plainName(fileName);
    const dot = plain.lastIndexOf('.');
    const [stem, ending] = dot > 0 && plain.length - dot <= longestEnding ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
    let name = cut(stem, ending);
    for (let count = 2; taken.has(keyOf(name)); count += 1) name = cut(stem, ` (${count})${ending}`);
    taken.add(keyOf(name));
    return name;
  });
}

/** Upper case first: systems that ignore case take `ß` for `SS`. */
const keyOf = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase();

/** A name that no system takes for a path to another folder, or for a device. */
function plainName(fileName: string): string {
  const plain = fileName
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/[. ]+$/, '')
    .trimStart();
  if (device.test(plain)) return `_${plain}`;
  return plain === '' ? 'file' : plain.replace(/^\.+/, (dots) => '_'.repeat(dots.length));
}

/** To the length that file systems allow. */
function cut(stem: string, ending: string): string {
  let rest = stem;
  while (Buffer.byteLength(rest + ending) > mostBytes && rest !== '') rest = Array.from(rest).slice(0, -1).join('');
  return rest + ending;
}
