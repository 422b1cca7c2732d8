import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import sharp from 'sharp';
import type { OutputRule } from '../../packages/server/src/processing/image-rules.ts';
import { decodeHeic } from '../../packages/server/src/processing/image/decode-heic.ts';
import { openDecoderPool } from '../../packages/server/src/processing/image/decoder-pool.ts';
import { encodeAs, outputFormat } from '../../packages/server/src/processing/image/encode.ts';
import type { ImageHeader } from '../../packages/server/src/filetypes/headers/image-header.ts';
import { sharpOfRaw, toRawPicture, type RawPicture } from '../../packages/server/src/processing/image/raw-picture.ts';
import { readHeader } from '../../packages/server/src/filetypes/read-header.ts';
import { render } from '../../packages/server/src/processing/image/render.ts';

export type Output = { role: string; bytes: Buffer };

/** Makes the outputs of a photo once; the returned decoder processes have worked for it besides this process. */
export type Row = (source: Buffer, path: string) => Promise<{ outputs: Output[]; helpers: number[] }>;

/** Canonical in the format of the source, the five variants of a listing, and the blur. */
export const rules: OutputRule[] = [
  { role: 'canonical', maxSide: 2560, format: 'source', quality: 85, animated: false },
  ...[
    { role: 'detail_large', maxSide: 2048 },
    { role: 'detail', maxSide: 1280 },
    { role: 'preview', maxSide: 800 },
    { role: 'card', maxSide: 400 },
    { role: 'thumbnail', maxSide: 160 },
  ].map((size) => ({ ...size, format: 'webp' as const, quality: 80, effort: 2, animated: false })),
];

const limits = { acceptedTypes: ['image/*'], maxPixels: 60e6, maxFrames: 1, maxTotalPixels: 60e6 };

/** One decode to full-size pixels, and the encoders alone on pixels that were resized before the clock started; always of the same photo. */
export function floorOf(rules: readonly OutputRule[]): Row {
  let prepared: Promise<{ rule: OutputRule; picture: RawPicture }[]> | undefined;
  return async (source) => {
    const header = readHeader(source);
    const ready = await (prepared ??= prepare(rules, source, header));
    if (header.codec === 'hevc') await decodeHeic(source, 'pixels', () => {});
    else await sharp(source, { ignoreIcc: true }).raw().toBuffer();
    const outputs: Output[] = [];
    for (const { rule, picture } of ready) {
      const format = rule.role === 'blur' ? 'webp' : outputFormat(rule, header);
      outputs.push({ role: rule.role, bytes: await encodeAs(sharpOfRaw(picture), format, rule, false).toBuffer() });
    }
    return { outputs, helpers: [] };
  };
}

async function prepare(rules: readonly OutputRule[], source: Buffer, header: ImageHeader): Promise<{ rule: OutputRule; picture: RawPicture }[]> {
  const blur: OutputRule = { role: 'blur', maxSide: 16, format: 'webp', quality: 40, effort: 4, animated: false };
  const full = header.codec === 'hevc' ? await decodeHeicPixels(source) : null;
  return await Promise.all(
    [...rules, blur].map(async (rule) => {
      const pipeline = full === null ? sharp(source).autoOrient() : sharpOfRaw(full);
      return { rule, picture: await toRawPicture(pipeline.resize(rule.maxSide, rule.maxSide, { fit: 'inside' }).toColourspace('srgb')) };
    }),
  );
}

async function decodeHeicPixels(source: Buffer): Promise<RawPicture> {
  return await decodeHeic(source, 'pixels', (decoded) => {
    if (!('pixels' in decoded)) throw new Error('Pixels were asked for.');
    return { ...decoded.pixels, data: Buffer.from(decoded.pixels.data) };
  });
}

/** The usual way: a pipeline for each output, each with its own decode. */
const naive: Row = async (source) => {
  const header = readHeader(source);
  const open = async () => {
    if (header.codec !== 'hevc') return sharp(source).autoOrient();
    return sharpOfRaw(await decodeHeicPixels(source));
  };
  const outputs: Output[] = [];
  for (const rule of rules) {
    const resized = (await open()).resize(rule.maxSide, rule.maxSide, { fit: 'inside', withoutEnlargement: true });
    outputs.push({ role: rule.role, bytes: await encodeAs(resized, outputFormat(rule, header), rule, false).toBuffer() });
  }
  outputs.push({ role: 'blur', bytes: await (await open()).resize(16, 16, { fit: 'inside' }).webp({ quality: 40 }).toBuffer() });
  return { outputs, helpers: [] };
};

/** Ours, in this process. */
const pipeline: Row = async (source) => {
  const outputs: Output[] = [];
  await render(
    source,
    readHeader(source),
    { outputs: rules, blur: true, dominantColour: true },
    { output: async ({ role, bytes }) => void outputs.push({ role, bytes }), progress: () => {} },
  );
  return { outputs, helpers: [] };
};

/** The way of a Nuxt or Nitro application: ipx on the file, a request for each output. It has no blur, so that is one more size. */
const ipx: Row = async (_, path) => {
  const { createIPX, ipxFSStorage } = (await import(ipxEntry)) as Ipx;
  const server = createIPX({ storage: ipxFSStorage({ dir: dirname(path) }) });
  const outputs: Output[] = [];
  for (const { role, maxSide, format, quality } of [...rules, { role: 'blur', maxSide: 16, format: 'webp', quality: 40 }]) {
    const { data } = await server(basename(path), {
      resize: `${maxSide}x${maxSide}`,
      fit: 'inside',
      format: format === 'source' ? 'jpeg' : format,
      quality: String(quality),
    }).process();
    outputs.push({ role, bytes: Buffer.from(data) });
  }
  return { outputs, helpers: [] };
};

/** The part of ipx that is used; it is installed separately from the workspaces and may be missing. */
type Ipx = {
  createIPX(options: { storage: unknown }): (id: string, modifiers: Record<string, string>) => { process(): Promise<{ data: Uint8Array | string }> };
  ipxFSStorage(options: { dir: string }): unknown;
};
const peers = new URL('../peers/node_modules/', import.meta.url);
const ipxEntry = new URL(['ipx', 'dist', 'index.mjs'].join('/'), peers).href;
export const isIpxInstalled = existsSync(new URL(ipxEntry));

let pool: ReturnType<typeof openDecoderPool> | undefined;

/** Ours as in production: in a decoder process, outputs handed over one by one. */
const decoderPool: Row = async (_, path) => {
  pool ??= openDecoderPool({ size: 1, memoryBudgetBytes: 2e9, deadlineMs: 60_000 });
  const outputs: Output[] = [];
  await pool.run(
    { sourcePath: path, limits, outputs: rules, blur: true, dominantColour: true },
    { signal: new AbortController().signal, onOutput: async ({ role, bytes }) => void outputs.push({ role, bytes }) },
  );
  return { outputs, helpers: pool.status().decoders.map(({ pid }) => pid) };
};

export const rows = { floor: floorOf(rules), naive, ipx, pipeline, 'decoder process': decoderPool } as const satisfies Record<string, Row>;
export type RowName = keyof typeof rows;
export const rowNames = Object.keys(rows) as RowName[];
