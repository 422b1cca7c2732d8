import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { ImageFacts, ImageOutput } from '../image-rules.ts';
import { openDecoderPool, type DecoderPool } from './decoder-pool.ts';

const limits = { acceptedTypes: ['image/*'], maxPixels: 50e6, maxFrames: 500, maxTotalPixels: 1e9 };
const never = new AbortController().signal;

let directory: string;
let pool: DecoderPool;
beforeAll(async () => {
  directory = await temporaryDirectory();
  pool = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 15_000 });
});
afterAll(() => pool.close());

type Drawn = { facts: ImageFacts; output: ImageOutput };
async function draw(svg: string | Buffer, format: 'source' | 'webp' = 'source', maxSide = 2560): Promise<Drawn> {
  const sourcePath = join(directory, 'drawing.svg');
  await writeFile(sourcePath, svg);
  const made: ImageOutput[] = [];
  const outputs = [{ role: 'canonical', maxSide, format, quality: 90, animated: true }];
  const facts = await pool.run({ sourcePath, limits, outputs, blur: true }, { signal: never, onOutput: async (output) => void made.push(output) });
  const [output] = made;
  if (output === undefined) throw new Error('nothing was drawn');
  return { facts, output };
}
const svg = (content: string, attributes = 'width="40" height="40"', before = ''): string =>
  `${before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xi="http://www.w3.org/2001/XInclude" ${attributes}>${content}</svg>`;
/** The colour in the middle, as RGBA. */
async function middleOf({ output }: Drawn): Promise<number[]> {
  const { data, info } = await sharp(output.bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * 4;
  return [...data.subarray(at, at + 4)];
}

describe('a drawing becomes a picture', () => {
  test('in its declared size, as a PNG that keeps transparency', async () => {
    const drawn = await draw(svg('<circle cx="200" cy="100" r="50" fill="#0000ff"/>', 'width="400" height="200"'));
    expect(drawn.facts).toMatchObject({ mimeType: 'image/svg+xml', width: 400, height: 200, hasAlpha: true });
    expect(drawn.output).toMatchObject({ mimeType: 'image/png', width: 400, height: 200 });
    expect(await sharp(drawn.output.bytes).metadata()).toMatchObject({ format: 'png', width: 400, height: 200, hasAlpha: true });
    expect(await middleOf(drawn)).toEqual([0, 0, 255, 255]);
    const { data } = await sharp(drawn.output.bytes).raw().toBuffer({ resolveWithObject: true });
    expect(data[3]).toBe(0);
  });

  test('sharply and within the limits, whatever size it declares', async () => {
    expect((await draw(svg('<rect width="100%" height="100%"/>', 'width="40" height="20"'), 'webp', 20)).output).toMatchObject({ width: 20, height: 10 });
    expect((await draw(svg('<rect width="9" height="9"/>', 'width="60000" height="30000"'))).output).toMatchObject({ width: 2560, height: 1280 });
  });

  test('unless it is a thin line, which no library draws', async () => {
    await expect(draw(svg('', 'viewBox="0 0 1 100000"'))).rejects.toMatchObject({ code: 'too_many_pixels' });
  });

  test('large if it only has proportions', async () => {
    for (const attributes of ['viewBox="0 0 24 12"', 'viewBox="0 0 24 12" width="100%" height="100%"'])
      expect((await draw(svg('<rect width="24" height="12" fill="#ff0000"/>', attributes))).facts).toMatchObject({ width: 2048, height: 1024 });
  });

  test('always with the same bytes', async () => {
    const source = svg('<path d="M0 0L40 40" stroke="#123456"/><circle cx="9" cy="9" r="7"/>');
    expect((await draw(source)).output.bytes.equals((await draw(source)).output.bytes)).toBe(true);
  });

  test.each([
    ['cut off', '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect'],
    ['without a size', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['with a size of nothing', '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"/>'],
  ])('or is damaged: %s', async (_, source) => {
    await expect(draw(source)).rejects.toMatchObject({ code: 'corrupt_media' });
  });
});

describe('a drawing accesses nothing', () => {
  const asked: string[] = [];
  const remote = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'image/png' }).end(red);
  });
  let red: Buffer;
  let origin: string;
  beforeAll(async () => {
    red = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#ff0000' } })
      .png()
      .toBuffer();
    await writeFile(join(directory, 'red.png'), red);
    await writeFile(join(directory, 'red.svg'), svg('<rect id="red" width="40" height="40" fill="#ff0000"/>'));
    await writeFile(join(directory, 'red.css'), 'rect { fill: #ff0000 }');
    await writeFile(join(directory, 'red.txt'), '<rect width="40" height="40" fill="#ff0000"/>');
    remote.listen(0, '127.0.0.1');
    await once(remote, 'listening');
    origin = `http://127.0.0.1:${(remote.address() as AddressInfo).port}`;
  });
  afterAll(() => void remote.close());

  const places = (): [string, string][] => [
    ['an address', origin],
    ['a file', pathToFileURL(directory).href],
    ['a path', directory],
    ['a file beside it', '.'],
  ];

  test('not a picture, a drawing, a style, an entity, an inclusion: neither by URL nor by path', async () => {
    for (const [what, base] of places()) {
      const blue = '<rect width="40" height="40" fill="#0000ff"/>';
      const tries: [string, string][] = [
        ['a picture', svg(`${blue}<image href="${base}/red.png" width="40" height="40"/>`)],
        ['a picture by xlink', svg(`${blue}<image xlink:href="${base}/red.png" width="40" height="40"/>`)],
        ['a drawing as a picture', svg(`${blue}<image href="${base}/red.svg" width="40" height="40"/>`)],
        ['a part of a drawing', svg(`${blue}<use href="${base}/red.svg#red"/>`)],
        [
          'a filter',
          svg(`<filter id="f"><feImage href="${base}/red.png"/></filter>${blue}<rect width="40" height="40" fill="#0000ff" filter="url(#f)"/>${blue}`),
        ],
        ['an imported style', svg(`<style>@import url("${base}/red.css");</style><rect width="40" height="40" style="fill:#0000ff"/>${blue}`)],
        ['a style sheet', svg(blue, undefined, `<?xml version="1.0"?><?xml-stylesheet href="${base}/red.css" type="text/css"?>`)],
        ['an entity', svg(`${blue}&red;`, undefined, `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY red SYSTEM "${base}/red.txt">]>`)],
        ['an inclusion', svg(`${blue}<xi:include href="${base}/red.txt"/>`)],
        ['a document type', svg(blue, undefined, `<?xml version="1.0"?><!DOCTYPE svg SYSTEM "${base}/red.txt">`)],
        ['a parameter entity', svg(blue, undefined, `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY % red SYSTEM "${base}/red.txt"> %red;]>`)],
        [
          'a page in it',
          svg(`${blue}<foreignObject width="40" height="40"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${base}/red.png"/></foreignObject>`),
        ],
      ];
      for (const [how, source] of tries) {
        const colour = await draw(source).then(middleOf, (error: { code?: string }) => error.code);
        expect([[0, 0, 255, 255], 'corrupt_media'], `${how} at ${what}: ${JSON.stringify(colour)}`).toContainEqual(colour);
      }
    }
    expect(asked).toEqual([]);
  });

  test('and a script in it never runs', async () => {
    const drawn = await draw(
      svg(
        `<script>document.documentElement.innerHTML = '';</script><rect width="40" height="40" fill="#00ff00" onclick="fetch('${origin}/script')"/>`,
        `width="40" height="40" onload="fetch('${origin}/onload')"`,
      ),
    );
    expect(await middleOf(drawn)).toEqual([0, 255, 0, 255]);
    expect(drawn.output.bytes.includes('script')).toBe(false);
    expect(asked).toEqual([]);
  });

  test('endless entities, and embedded pictures that are too large to decode, end at a limit and leave the decoders alive', async () => {
    const laughs = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const entities = svg('<text>&l12;</text>', undefined, `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "laugh">${laughs}]>`);
    const huge = Buffer.from(red);
    huge.writeUInt32BE(60_000, 16);
    huge.writeUInt32BE(60_000, 20);
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    const picture = svg(`<image width="40" height="40" href="data:image/png;base64,${huge.toString('base64')}"/>`);
    for (const source of [entities, picture]) {
      const code = await draw(source).then(
        () => 'drawn',
        (error: { code?: string }) => error.code,
      );
      expect(['drawn', 'corrupt_media', 'resource_limit']).toContain(code);
    }
    expect((await draw(svg('<rect width="40" height="40" fill="#00ff00"/>'))).output.width).toBe(40);
  });

  test('external entities are empty, like in browsers', async () => {
    const before =
      '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY out SYSTEM "file:///etc/passwd"><!ENTITY more PUBLIC "-//x" "http://x/"><!ENTITY in "#00ff00">]>';
    const drawn = await draw(svg('<rect width="40" height="40" fill="&in;"/><text>&out;&more;</text>', undefined, before));
    expect(await middleOf(drawn)).toEqual([0, 255, 0, 255]);
  });

  test('if drawings are not accepted, none is opened', async () => {
    const sourcePath = join(directory, 'drawing.svg');
    await writeFile(sourcePath, '<svg xmlns="http://www.w3.org/2000/svg">&broken;</svg>');
    const strict = { ...limits, acceptedTypes: ['image/png'] };
    const job = { sourcePath, limits: strict, outputs: [], blur: false };
    await expect(pool.run(job, { signal: never, onOutput: async () => {} })).rejects.toMatchObject({ code: 'unsupported_type' });
  });

  test('nothing is written to disk', async () => {
    expect((await readdir(directory)).toSorted()).toEqual(['drawing.svg', 'red.css', 'red.png', 'red.svg', 'red.txt']);
  });
});
