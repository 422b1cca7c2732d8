/**
 * The entry of a decoder process. It gets paths and rules, never connections, keys or credentials, and may be killed at any moment. It ends when its
 * parent is gone.
 */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import sharp from 'sharp';
import { SafelightError } from '../../lib/errors.ts';
import type { ImageJob, ImageLimits } from '../image-rules.ts';
import { imageCapabilities } from './capabilities.ts';
import { checkLimits } from './check-limits.ts';
import { asRefusal } from './decode-picture.ts';
import { maxOutputsUnderWay, type FromDecoder, type ToDecoder } from './decoder-messages.ts';
import { isPdf, readPdfHeader } from './draw-pdf.ts';
import { expectedMemory } from './expected-memory.ts';
import { expectedSeconds } from './expected-seconds.ts';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import { planOutputs } from './plan-outputs.ts';
import { readHeader } from '../../filetypes/read-header.ts';
import { closeEntities, isSvg, readSvgHeader } from './read-svg-header.ts';
import { render } from './render.ts';

// The cache helps when a file is opened twice; here it would only take memory.
sharp.cache(false);
sharp.concurrency(1);
// Blocks all loaders of libvips and then unblocks those in use: files are passed as bytes, so no loader follows a path.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
    'VipsForeignLoadTiffBuffer',
    // Given bytes, librsvg has no base address: it opens nothing that a drawing refers to, neither files nor addresses.
    'VipsForeignLoadSvgBuffer',
  ],
});

const send = (message: FromDecoder): void => {
  process.send?.(message);
};

let decided: (isAdmitted: boolean) => void = () => {};
let underWay = 0;
let roomAgain: () => void = () => {};

// Ctrl-C and service managers signal every process. The parent decides when this one ends, and may let it finish.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToDecoder) => {
  switch (message.type) {
    case 'start':
      void work(message.work);
      return;
    case 'admit':
    case 'dismiss':
      decided(message.type === 'admit');
      return;
    case 'stored':
      underWay--;
      roomAgain();
      return;
    default:
      message satisfies never;
  }
});
// If the system runs out of memory, it should kill a decoder rather than the service.
volunteerForOutOfMemory();
send({ type: 'ready', capabilities: imageCapabilities() });

async function work(given: Extract<ToDecoder, { type: 'start' }>['work']): Promise<void> {
  underWay = 0;
  try {
    if (given.kind === 'inspect') {
      await open(given.path, given.limits, []);
      return;
    }
    const { promise: admission, resolve } = Promise.withResolvers<boolean>();
    decided = resolve;
    const { bytes, header } = await open(given.job.sourcePath, given.job.limits, given.job.outputs);
    if (!(await admission)) {
      send({ type: 'dismissed', rssBytes: process.memoryUsage.rss() });
      return;
    }
    const facts = await render(bytes, header, given.job, {
      progress: (fraction, step) => send({ type: 'progress', fraction, step }),
      output: async (output) => {
        send({ type: 'output', output });
        underWay++;
        if (underWay < maxOutputsUnderWay) return;
        const { promise: room, resolve: resume } = Promise.withResolvers<void>();
        roomAgain = resume;
        await room;
      },
    });
    send({ type: 'done', facts, rssBytes: process.memoryUsage.rss() });
    // Node would write its cache of compiled code when the process exits, but a decoder is killed. After a picture all that one needs is compiled.
    flushCompileCache();
  } catch (cause) {
    const refusal = asRefusal(cause);
    send({ type: 'failed', failure: { code: refusal.code, detail: refusal.detail }, reason: reasonOf(refusal), rssBytes: process.memoryUsage.rss() });
  }
}

async function open(path: string, limits: ImageLimits, outputs: ImageJob['outputs']): Promise<{ bytes: Buffer; header: ImageHeader }> {
  const source = await readFile(path).catch((cause: unknown) => {
    throw new SafelightError('internal', 'The source could not be read on the machine that decodes it.', { cause });
  });
  const isDrawing = isSvg(source);
  const bytes = isDrawing ? closeEntities(source) : source;
  const header = isDrawing ? await readSvgHeader(bytes, limits.acceptedTypes) : isPdf(bytes) ? await readPdfHeader(bytes) : readHeader(bytes);
  checkLimits(header, limits);
  const plan = planOutputs(header, outputs);
  const largest = Math.max(0, ...plan.map(({ whole }) => whole.width * whole.height));
  const keepsAnimation = header.decodableFrames > 1 && outputs.some((rule) => rule.animated);
  const { iccProfile, ...facts } = header;
  send({
    type: 'header',
    header: { ...facts, hasProfile: iccProfile !== null },
    expectedBytes: expectedMemory(header, bytes.length, largest, keepsAnimation),
    expectedSeconds: expectedSeconds(header, plan),
  });
  return { bytes, header };
}

/** For the log only: causes are not sent between processes. */
function reasonOf(refusal: SafelightError): string {
  return refusal.cause instanceof Error ? (refusal.cause.stack ?? refusal.cause.message) : refusal.detail;
}

function volunteerForOutOfMemory(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // A sandbox may keep /proc read-only; then the system chooses by size, which is a decoder too.
  }
}
