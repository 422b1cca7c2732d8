import { createHash } from 'node:crypto';
import { PassThrough, Transform, pipeline, type Readable } from 'node:stream';

import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { owned } from '../lib/owned.ts';
import { silenceMs } from '../uploads/chunks-of.ts';
import { anyFields, readFormFields } from './form-fields.ts';
import { isUnfilled } from './is-unfilled.ts';
import { passOver } from './pass-over.ts';
import { PartQueue, type FormFile } from './part-queue.ts';
import { WaitingFiles } from './waiting-files.ts';

export type { FormFile };
/**
 * `fieldsSoFar` reads the fields that have arrived; fields behind the file are there once the form has ended. If the form broke while this file was
 * read, `explained` turns the error into one that says how: the parser's own error does not.
 */
type OnFile<Fields> = (file: FormFile, fieldsSoFar: () => Fields, explained: (error: unknown) => unknown) => Promise<void>;

/** The digests of the form's content, kept with its request for `Idempotency-Key`, and whether they cover all of it. */
const fingerprints = new WeakMap<FastifyRequest, { digests: string[]; whole: boolean }>();

const mostFieldBytes = 8192;
const mostFields = 50;
/** Far beyond any batch size, and few enough for one answer. */
const mostParts = 2_000;
/** Shorter than the lease of a direct upload. */
const longestFormMs = 5 * 3_600_000;

/**
 * Reads a multipart form as it arrives: one file after the other, each as a stream with backpressure, never a whole file in memory. The caller
 * handles each file before the next one is read. Fields should come before the files that they describe; if a form has to name its collection and
 * does so late, its files wait on disk until then. Throws when the form breaks off between files; if it breaks inside a file, the result is `broken`
 * and that file's reader gets the error. `skipped` is everything after a refused file whose rest was too long to wait for.
 */
export async function readUploadForm<Schema extends z.ZodObject>(
  request: FastifyRequest,
  schema: Schema,
  onFile: OnFile<z.output<Schema>>,
): Promise<'whole' | 'broken' | 'skipped'> {
  const read = { digests: [] as string[], whole: false };
  fingerprints.set(request, read);
  // A client that disconnected earlier emits no further event.
  if (request.raw.destroyed) throw cut();
  const fields = new Map<string, string>();
  const fieldsSoFar = (): z.output<Schema> => readFormFields(schema, fields);
  const isPlaced = (): boolean => !('collection' in schema.shape) || fields.has('collection');
  const parts = new PartQueue();
  const explained = (error: unknown): unknown => (error instanceof SafelightError ? error : (parts.failure ?? error));
  const form = openForm(request, read.digests, fields, parts);
  const waiting = new WaitingFiles();
  const endWatch = watchProgress(request.raw, (problem) => parts.fail(problem));
  try {
    for (;;) {
      const part = await parts.next();
      if (part.type === 'end') break;
      if (!(await isUnfilled(part.file))) {
        if (waiting.any() || !isPlaced()) await waiting.add(part.file);
        else await onFile(part.file, fieldsSoFar, explained);
      }
      if (!(await passOver(part.file.body, request))) return parts.failure === null && !request.raw.destroyed ? 'skipped' : 'broken';
    }
    await waiting.each(async (file) => await onFile(file, fieldsSoFar, explained));
    read.whole = true;
    return 'whole';
  } catch (error) {
    throw explained(error);
  } finally {
    endWatch();
    request.raw.unpipe(form);
    form.destroy();
    parts.close();
    await waiting.close();
  }
}

/** Identifies the content of a form; null when the form was not read to its end. */
export function formFingerprint(request: FastifyRequest): string | null {
  const read = fingerprints.get(request);
  if (read?.whole !== true) return null;
  return createHash('sha256').update(JSON.stringify(read.digests)).digest('hex');
}

/** Reads a form only to compare it with an earlier one. */
export async function drainForm(request: FastifyRequest): Promise<string> {
  const read = async ({ body }: FormFile): Promise<void> => {
    for await (const _ of body);
  };
  await readUploadForm(request, anyFields, read);
  const fingerprint = formFingerprint(request);
  if (fingerprint === null) throw cut();
  return fingerprint;
}

type Form = InstanceType<typeof Busboy>;

function openForm(request: FastifyRequest, digests: string[], fields: Map<string, string>, parts: PartQueue): Form {
  const form = formParser(request);
  readFields(form, digests, fields, parts);
  readFiles(form, request, digests, parts);
  form.on('partsLimit', () =>
    parts.refuseRest(
      new SafelightError('batch_too_large', `A form has at most ${mostParts} files and fields. Send the files from there on in another request.`),
    ),
  );
  form.on('finish', () => parts.push({ type: 'end' }));
  form.on('error', (cause) => parts.fail(brokenOff(cause)));
  request.raw.once('close', () => {
    if (!request.raw.readableEnded) parts.fail(cut());
  });
  // Not a pipeline: an error in the form must not end the connection that carries the answer.
  request.raw.pipe(form);
  return form;
}

function formParser(request: FastifyRequest): Form {
  try {
    return owned(
      new Busboy({
        headers: request.headers as BusboyHeaders,
        limits: { fieldSize: mostFieldBytes, fields: mostFields, headerPairs: 50, parts: mostParts },
        defCharset: 'utf8',
        // A file without a name still counts as a file: only text fields have no type.
        isPartAFile: (_field, contentType, fileName) => fileName !== undefined || (contentType !== undefined && !contentType.startsWith('text/')),
      }),
    );
  } catch (cause) {
    throw new SafelightError('invalid_request', 'The form has no boundary. Let your HTTP client write the Content-Type of the form.', { cause });
  }
}

function readFields(form: Form, digests: string[], fields: Map<string, string>, parts: PartQueue): void {
  form.on('field', (name, value, _nameTruncated, valueTruncated) => {
    if (valueTruncated)
      parts.refuseRest(
        new SafelightError(
          'invalid_request',
          name === 'file'
            ? 'The part "file" came as text, without a filename and without a type. Send it as a file: with curl, -F file=@photo.jpg.'
            : `The field ${name} is longer than ${mostFieldBytes} bytes.`,
          { errors: [{ field: name, message: 'too long' }] },
        ),
      );
    fields.set(name, value);
    digests.push(`${name}=${value}`);
  });
  form.on('fieldsLimit', () => parts.refuseRest(new SafelightError('invalid_request', `A form has at most ${mostFields} fields. Send fewer.`)));
}

function readFiles(form: Form, request: FastifyRequest, digests: string[], parts: PartQueue): void {
  form.on('file', (field, stream, fileName, _encoding, mimeType) => {
    parts.reading = stream;
    // A form that ends inside a file fails the file's stream, whether or not it is being read.
    stream.on('error', (cause) => parts.fail(brokenOff(cause)));
    // Browsers send an empty file input without a name; it is not a file, whatever its field.
    if (field !== 'file' && fileName !== '') {
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
        fileName: asTyped(fileName ?? ''),
        // The parser reports text/plain when nothing is declared, as the multipart standard says; many clients declare nothing.
        contentType: mimeType === '' || mimeType === 'text/plain' ? null : mimeType,
        body: request.headers['idempotency-key'] === undefined ? stream : digesting(stream, fileName, digests),
      },
    });
  });
}

/** Browsers escape only quotes and line breaks in a name, in this way. */
const asTyped = (name: string): string => name.replaceAll(/%(22|0A|0D)/gi, (escape) => decodeURIComponent(escape));

/**
 * Reports a client that is silent for too long, or drips for so long that the sweeper is about to take its bytes. Time in which bytes wait for slow
 * storage does not count, nor does anything after the last byte.
 */
function watchProgress(body: FastifyRequest['raw'], onOver: (problem: SafelightError) => void): () => void {
  const timer = setTimeout(() => {
    // A client that has sent everything is not silent, however long storing takes.
    if (body.complete || body.isPaused() || body.readableLength > 0) timer.refresh();
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

const cut = (): SafelightError => new SafelightError('upload_incomplete', 'The connection was cut before the form was complete.');
const brokenOff = (cause: unknown): SafelightError =>
  new SafelightError('invalid_request', 'The form is incomplete or not well formed. Send it again.', { cause });

/** Passes the stream on and records its digest at the end: the bytes decide whether two uploads are the same. */
function digesting(stream: Readable, fileName: string | undefined, digests: string[]): Readable {
  const hash = createHash('sha256');
  const place = digests.push('') - 1;
  const noted = owned(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
      flush(done) {
        digests[place] = `file:${fileName}:${hash.digest('hex')}`;
        done();
      },
    }),
  );
  // An error in the form also reaches the reader of the file.
  return pipeline(stream, noted, new PassThrough(), () => undefined);
}
