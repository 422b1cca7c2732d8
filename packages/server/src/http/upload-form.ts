import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Transform, pipeline as pipeStreams, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { destinationSchema, type Destination } from '@safelight/contract/uploads';
import type { FastifyRequest } from 'fastify';

import { SafelightError } from '../lib/errors.ts';
import { silenceMs } from '../uploads/chunks-of.ts';
import { fieldProblems } from './field-problems.ts';
import { findUnstorable } from './storable-text.ts';

export type FormFile = { fileName: string; contentType: string | null; body: Readable };
/** `fields` fills as the form is read: what stands behind the file is there when the form has ended. */
type OnFile = (file: FormFile, destination: () => Destination, fields: Readonly<Record<string, string>>) => Promise<void>;
type FormPart = { type: 'file'; file: FormFile } | { type: 'end' };

/** The digests of what was read of a form, kept with its request for `Idempotency-Key`. */
const fingerprints = new WeakMap<FastifyRequest, string[]>();

const fieldNames = ['collection', 'entityType', 'entityId', 'purpose', 'altText', 'sortOrder'] as const;
const mostFieldBytes = 8192;
const mostWaitingBytes = 64 * 2 ** 20;
const mostPassedOver = 64 * 2 ** 20;
const longestPassingOverMs = 30_000;
/** Shorter than the lease of a direct upload. */
const longestFormMs = 5 * 3_600_000;

/**
 * Reads a multipart form as it arrives: one file after the other, each as a stream with backpressure, never a whole file in memory.
 * The caller handles each file before the next one is looked at. Fields are wanted before the files that they are about; of a form
 * that names its collection only later, the files wait on disk until it is known; where the place is `known` they need not wait.
 */
export async function readUploadForm(request: FastifyRequest, onFile: OnFile, place: 'told' | 'known' = 'told'): Promise<number> {
  const digests: string[] = [];
  fingerprints.set(request, digests);
  const fields: Record<string, string> = {};
  const parts = new PartQueue();
  const form = openForm(request, digests, fields, parts);
  const waiting = new WaitingFiles();
  const endWatch = watchProgress(request.raw, (problem) => parts.fail(problem));
  let files = 0;
  try {
    for (;;) {
      const part = await parts.next();
      if (part.type === 'end') break;
      files += 1;
      if (waiting.any() || (place === 'told' && fields['collection'] === undefined)) await waiting.add(part.file);
      else await onFile(part.file, () => parseDestination(fields), fields);
      if (!(await passOver(part.file.body, request))) break;
    }
    for (const file of waiting.all()) await onFile(file, () => parseDestination(fields), fields);
    return files;
  } finally {
    endWatch();
    request.raw.unpipe(form);
    form.destroy();
    await waiting.close();
  }
}

export const formFingerprint = (request: FastifyRequest): string =>
  createHash('sha256')
    .update(JSON.stringify(fingerprints.get(request) ?? []))
    .digest('hex');

/** Reads a form only to tell whether it is the same as one before. */
export async function drainForm(request: FastifyRequest): Promise<string> {
  const read = async ({ body }: FormFile): Promise<void> => {
    for await (const _ of body);
  };
  await readUploadForm(request, read, 'known');
  return formFingerprint(request);
}

function openForm(request: FastifyRequest, digests: string[], fields: Record<string, string>, parts: PartQueue) {
  let form: InstanceType<typeof Busboy>;
  try {
    form = new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { fieldSize: mostFieldBytes, fields: 50, headerPairs: 50, parts: 200 },
      defCharset: 'utf8',
      isPartAFile: (_field, contentType, fileName) => fileName !== undefined || contentType === 'application/octet-stream',
    });
  } catch (cause) {
    throw new SafelightError('invalid_request', 'The form has no boundary. Let your HTTP client write the Content-Type of the form.', { cause });
  }
  form.on('field', (name, value, _nameTruncated, valueTruncated) => {
    if (valueTruncated)
      parts.fail(
        new SafelightError('invalid_request', `The field ${name} is longer than ${mostFieldBytes} bytes.`, { errors: [{ field: name, message: 'too long' }] }),
      );
    if (fieldNames.some((known) => known === name)) fields[name] = value;
    digests.push(`${name}=${value}`);
  });
  form.on('file', (field, stream, fileName, _encoding, mimeType) => {
    parts.reading = stream;
    // A form that ends inside a file fails the file's stream, whether or not anybody is reading it at that moment.
    stream.on('error', (cause) => parts.fail(brokenOff(cause)));
    if (field !== 'file') {
      stream.resume();
      parts.fail(
        new SafelightError('invalid_request', `Files are sent in the field "file"; this one is in "${field}".`, {
          errors: [{ field, message: 'name it file' }],
        }),
      );
      return;
    }
    parts.push({
      type: 'file',
      file: {
        fileName: fileName === undefined ? 'file' : asTyped(fileName),
        // Where nothing is declared the parser says text/plain, as the standard of forms has it; many clients declare nothing.
        contentType: mimeType === '' || mimeType === 'text/plain' ? null : mimeType,
        body: request.headers['idempotency-key'] === undefined ? stream : digesting(stream, fileName, digests),
      },
    });
  });
  form.on('finish', () => parts.push({ type: 'end' }));
  form.on('error', (cause) => parts.fail(brokenOff(cause)));
  request.raw.on('aborted', () => parts.fail(new SafelightError('upload_incomplete', 'The connection was cut before the form was complete.')));
  request.raw.pipe(form);
  return form;
}

/**
 * Reads over what nobody wanted of a file, because the parser waits for it before it goes on. False when there is so much of it, or it
 * comes so slowly, that the answer should not wait: then nothing that follows in the form is looked at.
 */
async function passOver(body: Readable, request: FastifyRequest): Promise<boolean> {
  if (body.readableEnded) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let rest = mostPassedOver;
  // Whoever stopped reading in the middle may have left the stream waiting to be asked.
  body.removeAllListeners('readable');
  body.on('data', (chunk: Buffer) => {
    rest -= chunk.length;
    if (rest < 0) resolve(false);
  });
  body.once('end', () => resolve(true)).once('close', () => resolve(body.readableEnded));
  const gone = (): void => resolve(false);
  request.raw.once('close', gone);
  const timer = setTimeout(gone, longestPassingOverMs);
  if (body.destroyed) gone();
  body.resume();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    request.raw.removeListener('close', gone);
  }
}

/** Browsers write a quote and a line break in a name as these escapes, and escape nothing else. */
const asTyped = (name: string): string => name.replaceAll(/%(22|0A|0D)/gi, (escape) => decodeURIComponent(escape));

/**
 * Tells when the client has been silent for too long, or has dripped for so long that the sweeper is about to take what came. Bytes that
 * wait for us, because storage is slow, are not its silence.
 */
function watchProgress(body: FastifyRequest['raw'], onOver: (problem: SafelightError) => void): () => void {
  const timer = setTimeout(() => {
    if (body.isPaused() || body.readableLength > 0) timer.refresh();
    else onOver(new SafelightError('upload_incomplete', `No byte came for ${silenceMs / 1000} seconds. Send the form again.`));
  }, silenceMs);
  const end = setTimeout(
    () => onOver(new SafelightError('upload_incomplete', 'The form takes too long. Send large files over slow connections as resumable uploads.')),
    longestFormMs,
  );
  const heard = (): void => void timer.refresh();
  body.on('data', heard);
  return () => {
    clearTimeout(timer);
    clearTimeout(end);
    body.removeListener('data', heard);
  };
}

const brokenOff = (cause: unknown): SafelightError =>
  new SafelightError('invalid_request', 'The form is broken off or not well formed. Send it again.', { cause });

/** The same stream, with its digest noted when it ends: what makes two uploads the same is their bytes. */
function digesting(stream: Readable, fileName: string | undefined, digests: string[]): Readable {
  const hash = createHash('sha256');
  const place = digests.push('') - 1;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      digests[place] = `file:${fileName}:${hash.digest('hex')}`;
      done();
    },
  });
  // What fails the form fails its reader as well.
  return pipeStreams(stream, through, new PassThrough(), () => undefined);
}

function parseDestination(fields: Record<string, string>): Destination {
  const parsed = destinationSchema.safeParse(fields);
  const unstorable = findUnstorable(fields);
  if (parsed.success && unstorable.length === 0) return parsed.data;
  const errors = [...unstorable, ...fieldProblems(parsed.error)];
  throw new SafelightError(
    'invalid_request',
    `The form lacks or misstates ${errors.map(({ field }) => field).join(', ')}. Fields come before the files that they are about.`,
    { errors },
  );
}

/** Files of a form that has not said yet where they belong. */
class WaitingFiles {
  #directory: string | null = null;
  #bytes = 0;
  readonly #files: { file: FormFile; path: string }[] = [];

  any(): boolean {
    return this.#files.length > 0;
  }

  async add(file: FormFile): Promise<void> {
    this.#directory ??= await mkdtemp(path.join(tmpdir(), 'safelight-form-'));
    const place = path.join(this.#directory, String(this.#files.length));
    this.#files.push({ file, path: place });
    const counted = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#bytes += chunk.length;
        done(
          this.#bytes > mostWaitingBytes
            ? new SafelightError(
                'invalid_request',
                'Send the field collection before the files: files of this size are not taken before it is known where they belong.',
                { errors: [{ field: 'collection', message: 'before the files' }] },
              )
            : null,
          chunk,
        );
      },
    });
    await pipeline(file.body, counted, createWriteStream(place, { mode: 0o600 }));
  }

  *all(): Generator<FormFile> {
    for (const { file, path: place } of this.#files) yield { ...file, body: createReadStream(place) };
  }

  async close(): Promise<void> {
    if (this.#directory !== null) await rm(this.#directory, { recursive: true, force: true });
  }
}

/** What the parser has found and nobody has asked for yet; or why there is nothing more. */
class PartQueue {
  readonly #found: FormPart[] = [];
  #waiting: PromiseWithResolvers<FormPart> | null = null;
  #failure: Error | null = null;
  /** The file whose bytes are coming. */
  reading: Readable | null = null;

  push(part: FormPart): void {
    if (this.#waiting === null) this.#found.push(part);
    else this.#waiting.resolve(part);
    this.#waiting = null;
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(error);
    this.#waiting = null;
    for (const part of this.#found) if (part.type === 'file') part.file.body.destroy();
    this.reading?.destroy(error);
  }

  async next(): Promise<FormPart> {
    if (this.#failure !== null) throw this.#failure;
    const part = this.#found.shift();
    if (part !== undefined) return part;
    this.#waiting = Promise.withResolvers<FormPart>();
    return await this.#waiting.promise;
  }
}
