export type ByteRange = { start: number; end: number };

/** More than this in one request is somebody asking for the work, not for the bytes. */
const most = 16;

/**
 * The ranges that a `Range` header asks for, inclusive, clipped to what there is (RFC 9110 §14). Null: answer the whole, because
 * the header is not understood. Empty: nothing of it is there (416).
 */
export function parseRange(header: string, size: number): ByteRange[] | null {
  const match = /^bytes\s*=\s*(.+)$/i.exec(header.trim());
  const specs = match?.[1]
    ?.split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '');
  if (specs === undefined || specs.length === 0 || specs.length > most) return null;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const parts = /^(\d*)-(\d*)$/.exec(spec);
    const [, first = '', last = ''] = parts ?? [];
    if (parts === null || (first === '' && last === '')) return null;
    if (first === '') {
      const suffix = Math.min(Number(last), size);
      if (suffix > 0) ranges.push({ start: size - suffix, end: size - 1 });
      continue;
    }
    const start = Number(first);
    const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
    if (last !== '' && Number(last) < start) return null;
    if (start < size) ranges.push({ start, end });
  }
  return overlap(ranges) ? null : ranges;
}

/** Overlapping ranges would make the answer larger than the file. */
function overlap(ranges: readonly ByteRange[]): boolean {
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  return sorted.some((range, index) => {
    const before = sorted[index - 1];
    return before !== undefined && range.start <= before.end;
  });
}
