/**
 * The inner loops over pixels, in AssemblyScript (TypeScript's syntax, compiled to WebAssembly by `npm run wasm`). They only know addresses and
 * counts; their callers in src/processing/image/pixels/ say what they are for, how memory is laid out and how much of it they need.
 *
 * Samples are resized as 16-bit numbers in units of 1/64, eight rows at a time: first the rows are added up with their weights, then the eight rows
 * are transposed so that one vector holds one column of them, so that columns are added up just like rows, and at the end they are transposed back.
 * Weights are in units of 1/32768, with which `relaxed_q15mulr_s` multiplies and rounds.
 */

/** Transposes eight vectors: columns become rows, or the other way round. */
// @ts-ignore: function decorators are AssemblyScript's
@inline
function turn(from: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from, 16);
  const c = v128.load(from, 32);
  const d = v128.load(from, 48);
  const e = v128.load(from, 64);
  const f = v128.load(from, 80);
  const g = v128.load(from, 96);
  const h = v128.load(from, 112);
  const ab = i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  const cd = i16x8.shuffle(c, d, 0, 8, 1, 9, 2, 10, 3, 11);
  const ef = i16x8.shuffle(e, f, 0, 8, 1, 9, 2, 10, 3, 11);
  const gh = i16x8.shuffle(g, h, 0, 8, 1, 9, 2, 10, 3, 11);
  const ab2 = i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  const cd2 = i16x8.shuffle(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
  const ef2 = i16x8.shuffle(e, f, 4, 12, 5, 13, 6, 14, 7, 15);
  const gh2 = i16x8.shuffle(g, h, 4, 12, 5, 13, 6, 14, 7, 15);
  storePairs(i32x4.shuffle(ab, cd, 0, 4, 1, 5), i32x4.shuffle(ef, gh, 0, 4, 1, 5), to);
  storePairs(i32x4.shuffle(ab, cd, 2, 6, 3, 7), i32x4.shuffle(ef, gh, 2, 6, 3, 7), to + 32);
  storePairs(i32x4.shuffle(ab2, cd2, 0, 4, 1, 5), i32x4.shuffle(ef2, gh2, 0, 4, 1, 5), to + 64);
  storePairs(i32x4.shuffle(ab2, cd2, 2, 6, 3, 7), i32x4.shuffle(ef2, gh2, 2, 6, 3, 7), to + 96);
}

// @ts-ignore: function decorators are AssemblyScript's
@inline
function storePairs(first: v128, second: v128, to: usize): void {
  v128.store(to, i64x2.shuffle(first, second, 0, 2));
  v128.store(to, i64x2.shuffle(first, second, 1, 3), 16);
}

/** Sixteen samples of one row, the weighted sum of `taps` rows, written to `to` and 128 bytes after it. */
// @ts-ignore: function decorators are AssemblyScript's
@inline
function sumRows(at: usize, stride: usize, weights: usize, taps: usize, to: usize): void {
  let left = i16x8.splat(0);
  let right = i16x8.splat(0);
  const end = weights + (taps << 1);
  do {
    const weight = v128.load_splat<i16>(weights);
    left = i16x8.add(left, i16x8.relaxed_q15mulr_s(i16x8.shl(v128.load_ext<u8>(at), 6), weight));
    right = i16x8.add(right, i16x8.relaxed_q15mulr_s(i16x8.shl(v128.load_ext<u8>(at, 8), 6), weight));
    at += stride;
    weights += 2;
  } while (weights < end);
  v128.store(to, left);
  v128.store(to, right, 128);
}

/**
 * Makes eight rows of `samples` bytes, each from `taps` rows of the source beginning at its start, and transposes them: `columns` gets one vector for
 * each sample. `starts` has eight row numbers, `weights` eight times `taps` 16-bit numbers. Up to 15 bytes after a row are read, and as many
 * additional vectors are written. `scratch` has 256 bytes.
 */
export function sumEightRows(source: usize, stride: usize, samples: usize, starts: usize, weights: usize, taps: usize, columns: usize, scratch: usize): void {
  const each = taps << 1;
  const row0 = source + <usize>load<i32>(starts) * stride;
  const row1 = source + <usize>load<i32>(starts, 4) * stride;
  const row2 = source + <usize>load<i32>(starts, 8) * stride;
  const row3 = source + <usize>load<i32>(starts, 12) * stride;
  const row4 = source + <usize>load<i32>(starts, 16) * stride;
  const row5 = source + <usize>load<i32>(starts, 20) * stride;
  const row6 = source + <usize>load<i32>(starts, 24) * stride;
  const row7 = source + <usize>load<i32>(starts, 28) * stride;
  for (let x: usize = 0; x < samples; x += 16) {
    sumRows(row0 + x, stride, weights, taps, scratch);
    sumRows(row1 + x, stride, weights + each, taps, scratch + 16);
    sumRows(row2 + x, stride, weights + 2 * each, taps, scratch + 32);
    sumRows(row3 + x, stride, weights + 3 * each, taps, scratch + 48);
    sumRows(row4 + x, stride, weights + 4 * each, taps, scratch + 64);
    sumRows(row5 + x, stride, weights + 5 * each, taps, scratch + 80);
    sumRows(row6 + x, stride, weights + 6 * each, taps, scratch + 96);
    sumRows(row7 + x, stride, weights + 7 * each, taps, scratch + 112);
    turn(scratch, columns + (x << 4));
    turn(scratch + 128, columns + (x << 4) + 128);
  }
}

/**
 * The same for eight rows that are not resized vertically: `samples` bytes from `source`, and the next row every `stride` bytes. Up to 15 bytes after
 * a row are read, and as many additional vectors are written.
 */
export function turnEightRows(source: usize, stride: isize, samples: usize, columns: usize): void {
  for (const end = source + samples; source < end; source += 16) {
    let row = source;
    const a = v128.load(row);
    const b = v128.load((row += stride));
    const c = v128.load((row += stride));
    const d = v128.load((row += stride));
    const e = v128.load((row += stride));
    const f = v128.load((row += stride));
    const g = v128.load((row += stride));
    const h = v128.load((row += stride));
    widenColumns(firstHalves(a, b), firstHalves(c, d), firstHalves(e, f), firstHalves(g, h), columns);
    widenColumns(secondHalves(a, b), secondHalves(c, d), secondHalves(e, f), secondHalves(g, h), columns + 128);
    columns += 256;
  }
}

// @ts-ignore: function decorators are AssemblyScript's
@inline
function firstHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: function decorators are AssemblyScript's
@inline
function secondHalves(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Transposes eight columns of eight bytes, given two rows per vector. */
// @ts-ignore: function decorators are AssemblyScript's
@inline
function widenColumns(ab: v128, cd: v128, ef: v128, gh: v128, to: usize): void {
  const ad = i16x8.shuffle(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11);
  const eh = i16x8.shuffle(ef, gh, 0, 8, 1, 9, 2, 10, 3, 11);
  const ad2 = i16x8.shuffle(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15);
  const eh2 = i16x8.shuffle(ef, gh, 4, 12, 5, 13, 6, 14, 7, 15);
  widenTwo(i32x4.shuffle(ad, eh, 0, 4, 1, 5), to);
  widenTwo(i32x4.shuffle(ad, eh, 2, 6, 3, 7), to + 32);
  widenTwo(i32x4.shuffle(ad2, eh2, 0, 4, 1, 5), to + 64);
  widenTwo(i32x4.shuffle(ad2, eh2, 2, 6, 3, 7), to + 96);
}

// @ts-ignore: function decorators are AssemblyScript's
@inline
function widenTwo(columns: v128, to: usize): void {
  v128.store(to, i16x8.shl(i16x8.extend_low_i8x16_u(columns), 6));
  v128.store(to, i16x8.shl(i16x8.extend_high_i8x16_u(columns), 6), 16);
}

/**
 * Makes `count` pixels of three samples, each from `taps` neighbouring ones beginning at its start; `weights` are 16-bit numbers, `taps` for each
 * pixel.
 */
export function sumColumnsOfThree(columns: usize, starts: usize, weights: usize, taps: usize, count: usize, to: usize): void {
  const each = taps << 1;
  const end = starts + (count << 2);
  for (; starts < end; starts += 4) {
    let at = columns + <usize>load<i32>(starts) * 48;
    let first = i16x8.splat(0);
    let second = i16x8.splat(0);
    let third = i16x8.splat(0);
    const next = weights + each;
    do {
      const weight = v128.load_splat<i16>(weights);
      first = i16x8.add(first, i16x8.relaxed_q15mulr_s(v128.load(at), weight));
      second = i16x8.add(second, i16x8.relaxed_q15mulr_s(v128.load(at, 16), weight));
      third = i16x8.add(third, i16x8.relaxed_q15mulr_s(v128.load(at, 32), weight));
      at += 48;
      weights += 2;
    } while (weights < next);
    v128.store(to, first);
    v128.store(to, second, 16);
    v128.store(to, third, 32);
    to += 48;
  }
}

/** The same for planes, whose pixels have one sample. */
export function sumColumnsOfOne(columns: usize, starts: usize, weights: usize, taps: usize, count: usize, to: usize): void {
  const each = taps << 1;
  const end = starts + (count << 2);
  for (; starts < end; starts += 4) {
    let at = columns + (<usize>load<i32>(starts) << 4);
    let sum = i16x8.splat(0);
    const next = weights + each;
    do {
      sum = i16x8.add(sum, i16x8.relaxed_q15mulr_s(v128.load(at), v128.load_splat<i16>(weights)));
      at += 16;
      weights += 2;
    } while (weights < next);
    v128.store(to, sum);
    to += 16;
  }
}

/**
 * Transposes columns back, rounds them to bytes and writes the first `rows` of their eight rows. It goes from right to left, because up to seven
 * bytes after a row are overwritten too: they belong to the next row, which is written afterwards.
 */
export function storeRows(columns: usize, samples: usize, to: usize, stride: usize, rows: usize): void {
  for (let x = (samples + 7) & ~7; x > 0; ) {
    x -= 8;
    const at = columns + (x << 4);
    turn(at, at);
    let out = to + x;
    const end = at + (rows << 4);
    for (let row = at; row < end; row += 16) {
      v128.store_lane<i64>(out, toBytes(v128.load(row)), 0);
      out += stride;
    }
  }
}

/**
 * Rounds columns to bytes and writes them as `count` rows, which rotates the picture by a quarter turn: sixteen pixels of three samples in each,
 * eight of `first` and eight of `second`, because every row is on another page of memory. Rows are written downwards, so bytes after a row may be
 * written into the next one.
 */
export function storeColumns(first: usize, second: usize, count: usize, to: usize, stride: usize): void {
  for (const end = first + 48 * count; first < end; first += 48) {
    storeEightPixels(toBytes(v128.load(first)), toBytes(v128.load(first, 16)), toBytes(v128.load(first, 32)), to);
    storeEightPixels(toBytes(v128.load(second)), toBytes(v128.load(second, 16)), toBytes(v128.load(second, 32)), to + 24);
    second += 48;
    to += stride;
  }
}

/** Eight pixels of RGB; the lower half of each vector has one channel. */
// @ts-ignore: function decorators are AssemblyScript's
@inline
function storeEightPixels(red: v128, green: v128, blue: v128, to: usize): void {
  const redGreen = firstHalves(red, green);
  v128.store(to, i8x16.shuffle(redGreen, blue, 0, 1, 16, 2, 3, 17, 4, 5, 18, 6, 7, 19, 8, 9, 20, 10));
  v128.store_lane<i64>(to, i8x16.shuffle(redGreen, blue, 11, 21, 12, 13, 22, 14, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0), 0, 16);
}

/** From units of 1/64 to whole numbers between 0 and 255, in the lower half. */
// @ts-ignore: function decorators are AssemblyScript's
@inline
function toBytes(samples: v128): v128 {
  const rounded = i16x8.shr_s(i16x8.add_sat_s(samples, i16x8.splat(32)), 6);
  return i8x16.narrow_i16x8_u(rounded, rounded);
}

/**
 * Makes RGB of `count` pixels in three planes. Weights are in units of 1/32768: `forLuma` is halved, the others are quartered, because that is what
 * fits in 16 bits with the samples. Up to seven additional pixels are read and written.
 */
export function joinPlanes(
  luma: usize,
  blueness: usize,
  redness: usize,
  count: usize,
  to: usize,
  black: i32,
  forLuma: i32,
  redOfRedness: i32,
  greenOfRedness: i32,
  greenOfBlueness: i32,
  blueOfBlueness: i32,
): void {
  const middle = i16x8.splat(128);
  for (let i: usize = 0; i < count; i += 8) {
    const light = i16x8.relaxed_q15mulr_s(i16x8.shl(i16x8.sub(v128.load_ext<u8>(luma + i), i16x8.splat(<i16>black)), 7), i16x8.splat(<i16>forLuma));
    const cb = i16x8.shl(i16x8.sub(v128.load_ext<u8>(blueness + i), middle), 8);
    const cr = i16x8.shl(i16x8.sub(v128.load_ext<u8>(redness + i), middle), 8);
    const red = toBytes(i16x8.add_sat_s(light, i16x8.relaxed_q15mulr_s(cr, i16x8.splat(<i16>redOfRedness))));
    const blue = toBytes(i16x8.add_sat_s(light, i16x8.relaxed_q15mulr_s(cb, i16x8.splat(<i16>blueOfBlueness))));
    const lessGreen = i16x8.add_sat_s(i16x8.relaxed_q15mulr_s(cr, i16x8.splat(<i16>greenOfRedness)), i16x8.relaxed_q15mulr_s(cb, i16x8.splat(<i16>greenOfBlueness)));
    const green = toBytes(i16x8.add_sat_s(light, lessGreen));
    storeEightPixels(red, green, blue, to);
    to += 24;
  }
}

/**
 * Converts `count` pixels of RGB, with any further `channels`, to other primaries in place. `added` has three times 256 vectors: what each value of
 * red, green and blue adds to the three sums. `encode` has a byte for each sum after a shift by `shift`; no sum may be outside of it.
 */
export function convertColours(at: usize, count: usize, channels: usize, added: usize, encode: usize, shift: i32): void {
  const end = at + channels * count;
  for (; at < end; at += channels) {
    const sum = i32x4.add(
      i32x4.add(v128.load(added + (<usize>load<u8>(at) << 4)), v128.load(added + (<usize>load<u8>(at, 1) << 4), 4096)),
      v128.load(added + (<usize>load<u8>(at, 2) << 4), 8192),
    );
    const steps = i32x4.shr_u(sum, shift);
    store<u8>(at, load<u8>(encode + <usize>i32x4.extract_lane(steps, 0)));
    store<u8>(at, load<u8>(encode + <usize>i32x4.extract_lane(steps, 1)), 1);
    store<u8>(at, load<u8>(encode + <usize>i32x4.extract_lane(steps, 2)), 2);
  }
}

/**
 * Copies pixels in another order: `across` is the distance in the source to the pixel of the next column, `down` to that of the next row. It works in
 * squares, so that distant pixels are still cached when their neighbours are needed. It reads a byte more than a pixel of three has.
 */
export function turnPixels(source: usize, across: isize, down: isize, to: usize, width: usize, height: usize, channels: usize): void {
  for (let top: usize = 0; top < height; top += 16) {
    const bottom = min(top + 16, height);
    for (let left: usize = 0; left < width; left += 16) {
      const right = min(left + 16, width);
      for (let y = top; y < bottom; y++) {
        let from = source + <usize>(<isize>left * across + <isize>y * down);
        let out = to + (y * width + left) * channels;
        for (let x = left; x < right; x++) {
          const pixel = load<u32>(from);
          store<u16>(out, <u16>pixel);
          store<u8>(out, <u8>(pixel >> 16), 2);
          if (channels == 4) store<u8>(out, <u8>(pixel >> 24), 3);
          from += <usize>across;
          out += channels;
        }
      }
    }
  }
}
