import { createRequire } from 'node:module';
import { SafelightError } from '../../lib/errors.ts';
import { corruptMedia } from '../../filetypes/corrupt-media.ts';
import type { Plane, Planes } from './pixels/join-planes.ts';
import { lumaWeightsOfMatrix, unspecifiedMatrix } from './pixels/luma-weights.ts';
import type { RawPicture } from './raw-picture.ts';

/** The part of libheif's C interface that is used here; pointers are numbers into the WASM memory. */
type LibHeif = {
  HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _heif_context_alloc(): number;
  _heif_context_free(context: number): void;
  _heif_context_read_from_memory(error: number, context: number, bytes: number, length: number, options: number): void;
  _heif_context_get_primary_image_handle(error: number, context: number, handleOut: number): void;
  _heif_image_handle_release(handle: number): void;
  _heif_image_handle_has_alpha_channel(handle: number): number;
  _heif_image_handle_get_luma_bits_per_pixel(handle: number): number;
  _heif_image_handle_get_chroma_bits_per_pixel(handle: number): number;
  _heif_image_handle_get_preferred_decoding_colorspace(error: number, handle: number, colourspaceOut: number, chromaOut: number): void;
  _heif_decoding_options_alloc(): number;
  _heif_decoding_options_free(options: number): void;
  _heif_image_get_decoding_warnings(image: number, first: number, warningsOut: number, count: number): number;
  _heif_decode_image(error: number, handle: number, imageOut: number, colourspace: number, chroma: number, options: number): void;
  _heif_image_get_plane_readonly2(image: number, channel: number, strideOut: number): number;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_nclx_color_profile(error: number, image: number, profileOut: number): void;
  _heif_nclx_color_profile_free(profile: number): void;
  _heif_image_release(image: number): void;
};

const colourspaceYCbCr = 0;
const colourspaceRgb = 1;
const chromaRgb = 10;
const chromaRgba = 11;
const channelLuma = 0;
const channelBlueness = 1;
const channelRedness = 2;
const channelInterleaved = 10;
const unsupportedFeature = 4;
/**
 * The offset of the field in `heif_decoding_options`, whose layout only grows at its end: it follows a version, a flag, four pointers and another
 * flag.
 */
const strictDecodingAt = 21;

let loaded: LibHeif | null | undefined;

/** libheif-js is optional (LGPL, and HEVC is patent-encumbered): null when it is not installed. */
function libheif(): LibHeif | null {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)('libheif-js/wasm-bundle') as LibHeif;
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

export function canDecodeHeic(): boolean {
  try {
    createRequire(import.meta.url).resolve('libheif-js/wasm-bundle');
    return true;
  } catch {
    return false;
  }
}

export type DecodedHeic = { planes: Planes } | { pixels: RawPicture };

/**
 * Decodes the primary image of a HEVC-coded HEIF file, upright and cropped as the file says. Synchronous and slow (0.4–0.8 CPU-seconds for 12
 * megapixels): only for a process of its own. The colours stay those of the file's profile. A caller that asks for planes gets them if the file has
 * opaque eight-bit ones, which saves the decoder's conversion of every pixel to RGB; otherwise, and when pixels are asked for, it gets RGB or RGBA.
 * `use` receives decoder memory that is freed when its promise settles. Throws `unsupported_codec` without libheif-js or for unknown codings,
 * `corrupt_media` for damaged files.
 */
export async function decodeHeic<Result>(bytes: Buffer, wanted: 'planes' | 'pixels', use: (decoded: DecodedHeic) => Promise<Result> | Result): Promise<Result> {
  const heif = libheif();
  if (heif === null) {
    throw new SafelightError(
      'unsupported_codec',
      'This machine cannot decode HEIC pictures: the optional package libheif-js is not installed. Send JPEG, or have it installed.',
    );
  }
  const view = (): DataView => new DataView(heif.HEAPU8.buffer);
  const { malloc, freeAll } = memoryOf(heif);
  const context = heif._heif_context_alloc();
  const options = heif._heif_decoding_options_alloc();
  let handle = 0;
  let image = 0;
  try {
    const error = malloc(16);
    const out = malloc(8);
    const check = (): void => refuseFailed(heif, error);
    const decode = (colourspace: number, chroma: number): void => {
      heif._heif_decode_image(error, handle, out, colourspace, chroma, options);
      check();
      image = view().getUint32(out, true);
      if (heif._heif_image_get_decoding_warnings(image, 0, 0, 0) > 0) throw corruptMedia('some of its tiles cannot be decoded');
    };

    if (options === 0) throw outOfMemory();
    // Otherwise a missing tile becomes a green block in a picture that counts as whole.
    heif.HEAPU8[options + strictDecodingAt] = 1;
    const source = malloc(bytes.length);
    heif.HEAPU8.set(bytes, source);
    heif._heif_context_read_from_memory(error, context, source, bytes.length, 0);
    check();
    heif._heif_context_get_primary_image_handle(error, context, out);
    check();
    handle = view().getUint32(out, true);
    const isOpaque = heif._heif_image_handle_has_alpha_channel(handle) !== 1;

    const chroma = wanted === 'planes' && isOpaque ? chromaOfBytePlanes(heif, handle, error, out) : null;
    if (chroma !== null) {
      decode(colourspaceYCbCr, chroma);
      const planes = planesOf(heif, image, error, out);
      if (planes !== null) return await use({ planes });
      heif._heif_image_release(image);
      image = 0;
    }

    decode(colourspaceRgb, isOpaque ? chromaRgb : chromaRgba);
    const { data, stride, width, height } = planeOf(heif, image, channelInterleaved, out);
    const samples = isOpaque ? 3 : 4;
    return await use({ pixels: { data: rows(data, stride, width * samples, height), width, height, channels: samples } });
  } finally {
    if (image !== 0) heif._heif_image_release(image);
    if (handle !== 0) heif._heif_image_handle_release(handle);
    heif._heif_context_free(context);
    if (options !== 0) heif._heif_decoding_options_free(options);
    freeAll();
  }
}

/** Decoder memory that is freed all at once. */
function memoryOf(heif: LibHeif): { malloc(length: number): number; freeAll(): void } {
  const pointers: number[] = [];
  return {
    malloc(length) {
      const pointer = heif._malloc(length);
      if (pointer === 0) throw outOfMemory();
      pointers.push(pointer);
      return pointer;
    },
    freeAll: () => pointers.forEach((pointer) => heif._free(pointer)),
  };
}

/** Throws the decoder's error for its last call, if that failed. */
function refuseFailed(heif: LibHeif, error: number): void {
  const view = new DataView(heif.HEAPU8.buffer);
  const code = view.getInt32(error, true);
  if (code === 0) return;
  const message = (readText(heif, view.getUint32(error + 8, true)).split('\n', 1)[0] ?? '').trim();
  if (code === unsupportedFeature)
    throw new SafelightError('unsupported_codec', `This HEIC picture uses a coding that is not read here (${message}). Export it as JPEG.`);
  throw corruptMedia(message);
}

const outOfMemory = (): SafelightError =>
  new SafelightError('resource_limit', 'The picture needs more memory than its decoder may use. Export it as JPEG or at a smaller size.');

/** The chroma sampling of eight-bit planes; null for anything else. */
function chromaOfBytePlanes(heif: LibHeif, handle: number, error: number, out: number): number | null {
  if (heif._heif_image_handle_get_luma_bits_per_pixel(handle) !== 8 || heif._heif_image_handle_get_chroma_bits_per_pixel(handle) !== 8) return null;
  heif._heif_image_handle_get_preferred_decoding_colorspace(error, handle, out, out + 4);
  const view = new DataView(heif.HEAPU8.buffer);
  const [failed, colourspace, chroma] = [view.getInt32(error, true), view.getInt32(out, true), view.getInt32(out + 4, true)];
  return failed === 0 && colourspace === colourspaceYCbCr && chroma > 0 ? chroma : null;
}

/** Null unless the colours are luma and chroma. */
function planesOf(heif: LibHeif, image: number, error: number, out: number): Planes | null {
  heif._heif_image_get_nclx_color_profile(error, image, out);
  const view = new DataView(heif.HEAPU8.buffer);
  let [matrix, isFullRange] = [unspecifiedMatrix, true];
  if (view.getInt32(error, true) === 0) {
    const profile = view.getUint32(out, true);
    [matrix, isFullRange] = [view.getInt32(profile + 12, true), view.getUint8(profile + 16) !== 0];
    heif._heif_nclx_color_profile_free(profile);
  }
  const lumaWeights = lumaWeightsOfMatrix[matrix];
  if (lumaWeights === undefined) return null;
  return {
    luma: planeOf(heif, image, channelLuma, out),
    blueness: planeOf(heif, image, channelBlueness, out),
    redness: planeOf(heif, image, channelRedness, out),
    lumaWeights,
    isFullRange,
  };
}

function planeOf(heif: LibHeif, image: number, channel: number, out: number): Plane {
  const at = heif._heif_image_get_plane_readonly2(image, channel, out);
  if (at === 0) throw corruptMedia('it holds no pixels');
  const stride = new DataView(heif.HEAPU8.buffer).getUint32(out, true);
  const width = heif._heif_image_get_width(image, channel);
  const height = heif._heif_image_get_height(image, channel);
  return { data: heif.HEAPU8.subarray(at, at + stride * height), stride, width, height };
}

/** Rows without padding are read in place; others are copied together. */
function rows(plane: Uint8Array, stride: number, rowBytes: number, height: number): Buffer {
  if (stride === rowBytes) return Buffer.from(plane.buffer, plane.byteOffset, rowBytes * height);
  const data = Buffer.allocUnsafe(rowBytes * height);
  for (let row = 0; row < height; row++) data.set(plane.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  return data;
}

function readText(heif: LibHeif, pointer: number): string {
  if (pointer === 0) return 'no reason given';
  const end = heif.HEAPU8.indexOf(0, pointer);
  return Buffer.from(heif.HEAPU8.subarray(pointer, Math.min(end, pointer + 300))).toString('utf8');
}
