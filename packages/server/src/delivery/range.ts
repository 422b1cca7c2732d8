import { SafelightError } from '../lib/errors.ts';

export type ByteRange = { start: number; end: number };

/** A request with more ranges than this is meant to cause work. */
const most = 16;

/**
 * The ranges of a `Range` header, inclusive, clipped to the size (RFC 9110 §14). Null: the header is not understood, so answer the whole. Empty: no
 * range is satisfiable (416). As strict as the servers that send accelerated files: what we took for a range and they did not would be charged as one.
 */
export function parseRange(header: string, size: number): ByteRange[] | null {
  const match = /^bytes=(.+)$/i.exec(header.trim());
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

/** The refusal of a request none of whose ranges begins within the file; a protocol answers it with 416. */
export const beyondEnd = (bytes: number): SafelightError =>
  new SafelightError('invalid_request', `The range begins past the end of the file, which has ${bytes} bytes. Ask for one within them.`, {
    headers: { 'content-range': `bytes */${bytes}` },
  });
