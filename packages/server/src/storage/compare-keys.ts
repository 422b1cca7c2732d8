/**
 * The order in which every store lists and Postgres sorts (`collate "C"`): by UTF-8 bytes. JavaScript compares UTF-16 units instead, which puts the
 * surrogates of U+10000 and above before U+E000–U+FFFF. Keys with a known common beginning may be compared `from` its end.
 */
export function compareKeys(a: string, b: string, from = 0): number {
  const length = Math.min(a.length, b.length);
  for (let index = from; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return inByteOrder(left) - inByteOrder(right);
  }
  return a.length - b.length;
}

function inByteOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
