import { createRequire } from 'node:module';
import { SafelightError } from '../../lib/errors.ts';
import { corruptMedia } from './corrupt-media.ts';
import type { RawPicture } from './raw-picture.ts';

/** The part of libheif's C interface that is called here; pointers are numbers into the WASM memory. */
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
  _heif_decode_image(error: number, handle: number, imageOut: number, colourspace: number, chroma: number, options: number): void;
  _heif_image_get_plane_readonly2(image: number, channel: number, strideOut: number): number;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_release(image: number): void;
};

const colourspaceRgb = 1;
const chromaRgb = 10;
const chromaRgba = 11;
const channelInterleaved = 10;
const unsupportedFeature = 4;

let loaded: LibHeif | null | undefined;

/** libheif-js is optional (LGPL, and HEVC is patent-encumbered): null where it is not installed. */
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

/**
 * Decodes the primary image of a HEVC-coded HEIF file, turned upright and cropped as the file says. Synchronous, and slow
 * (0.4–0.8 CPU-seconds for 12 megapixels): only for a process of its own. The colours stay those of the file's profile.
 * `use` gets pixels that lie in the decoder's memory and are gone when its promise settles.
 * Throws `unsupported_codec` without libheif-js or for codings it does not know, `corrupt_media` for damaged files.
 */
export async function decodeHeic<Result>(bytes: Buffer, use: (picture: RawPicture) => Promise<Result>): Promise<Result> {
  const heif = libheif();
  if (heif === null) {
    throw new SafelightError(
      'unsupported_codec',
      'This machine cannot decode HEIC pictures: the optional package libheif-js is not installed. Send JPEG, or have it installed.',
    );
  }
  const view = (): DataView => new DataView(heif.HEAPU8.buffer);
  const pointers: number[] = [];
  const malloc = (length: number): number => {
    const pointer = heif._malloc(length);
    if (pointer === 0)
      throw new SafelightError('resource_limit', 'The picture needs more memory than its decoder may use. Export it as JPEG or at a smaller size.');
    pointers.push(pointer);
    return pointer;
  };
  const context = heif._heif_context_alloc();
  let handle = 0;
  let image = 0;
  try {
    const error = malloc(16);
    const out = malloc(8);
    const check = (): void => {
      const code = view().getInt32(error, true);
      if (code === 0) return;
      const message = (readText(heif, view().getUint32(error + 8, true)).split('\n', 1)[0] ?? '').trim();
      if (code === unsupportedFeature)
        throw new SafelightError('unsupported_codec', `This HEIC picture uses a coding that is not read here (${message}). Export it as JPEG.`);
      throw corruptMedia(message);
    };

    const source = malloc(bytes.length);
    heif.HEAPU8.set(bytes, source);
    heif._heif_context_read_from_memory(error, context, source, bytes.length, 0);
    check();
    heif._heif_context_get_primary_image_handle(error, context, out);
    check();
    handle = view().getUint32(out, true);
    const channels = heif._heif_image_handle_has_alpha_channel(handle) === 1 ? 4 : 3;
    heif._heif_decode_image(error, handle, out, colourspaceRgb, channels === 4 ? chromaRgba : chromaRgb, 0);
    check();
    image = view().getUint32(out, true);
    const plane = heif._heif_image_get_plane_readonly2(image, channelInterleaved, out);
    if (plane === 0) throw corruptMedia('it holds no pixels');
    const stride = view().getUint32(out, true);
    const width = heif._heif_image_get_width(image, channelInterleaved);
    const height = heif._heif_image_get_height(image, channelInterleaved);
    return await use({ data: rows(heif, plane, stride, width * channels, height), width, height, channels });
  } finally {
    if (image !== 0) heif._heif_image_release(image);
    if (handle !== 0) heif._heif_image_handle_release(handle);
    heif._heif_context_free(context);
    for (const pointer of pointers) heif._free(pointer);
  }
}

/** Rows without padding are read where they lie; others are copied together. */
function rows(heif: LibHeif, plane: number, stride: number, rowBytes: number, height: number): Buffer {
  if (stride === rowBytes) return Buffer.from(heif.HEAPU8.buffer, plane, rowBytes * height);
  const data = Buffer.allocUnsafe(rowBytes * height);
  for (let row = 0; row < height; row++) data.set(heif.HEAPU8.subarray(plane + row * stride, plane + row * stride + rowBytes), row * rowBytes);
  return data;
}

function readText(heif: LibHeif, pointer: number): string {
  if (pointer === 0) return 'no reason given';
  const end = heif.HEAPU8.indexOf(0, pointer);
  return Buffer.from(heif.HEAPU8.subarray(pointer, Math.min(end, pointer + 300))).toString('utf8');
}
