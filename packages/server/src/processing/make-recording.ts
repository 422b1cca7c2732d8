import { stat } from 'node:fs/promises';

import { checkAcceptedType } from '../filetypes/check-accepted-type.ts';
import { typeOfMime } from '../filetypes/file-types.ts';
import { FailedForGood } from '../jobs/running-job.ts';
import { SafelightError } from '../lib/errors.ts';
import { makeAudio } from './audio/make-audio.ts';
import { createBench } from './engine/bench.ts';
import { checkRecording } from './engine/check-recording.ts';
import { demuxerOf } from './engine/demuxer-of.ts';
import type { Engine } from './engine/engine.ts';
import { readRecording, undecodable, type Recording } from './engine/read-recording.ts';
import { readBefore } from './engine/recording-note.ts';
import { withJobDirectory } from './engine/with-job-directory.ts';
import { compareFiles } from './compare-files.ts';
import type { Made, MadeRecording, MakeInput, RecordingInput, Remade, RemakeInput } from './made.ts';
import type { ProcessingContext, ProcessingSite } from './processing-context.ts';
import type { RecordingContext } from './recording-context.ts';
import { storeFiles } from './store-files.ts';
import { makeVideo } from './video/make-video.ts';

/** Makes and stores the outputs of a video or a sound. */
export const makeRecording = async (ctx: ProcessingContext, input: MakeInput): Promise<Made> =>
  await withRecording(ctx, input, async ({ columns, files, kept }) => ({
    columns,
    artifacts: [...kept, ...(await storeFiles(ctx, input, files))],
    focalPoint: null,
  }));

/** Remakes them, and stores those that changed. */
export const remakeRecording = async (ctx: ProcessingContext, input: RemakeInput): Promise<Remade> =>
  await withRecording(ctx, input, async ({ columns, files }) => {
    const { same, others } = await compareFiles(files, input.present);
    const wanted = others.filter(({ role }) => input.without?.has(role) !== true);
    return { columns, artifacts: await storeFiles(ctx, input, wanted), same, focalPoint: null };
  });

/**
 * Reads a recording (its header, then all packets), checks its limits, makes its outputs and checks them. Its tracks decide its kind: sound alone in
 * a video's container is a sound. The files exist until `use` has ended.
 */
export async function withRecording<Result>(ctx: RecordingContext, input: RecordingInput, use: (made: MadeRecording) => Promise<Result>): Promise<Result> {
  const engine = await requireEngine(ctx);
  const demuxer = demuxerOf(input.mimeType);
  if (demuxer === null) throw new SafelightError('unsupported_codec', `Recordings of the type ${input.mimeType} cannot be read here. Export it as MP4.`);
  refuseBeyond(engine, 'bytes', (await stat(input.file)).size);
  // A poster does not wait for an encoder.
  const leave = input.only === 'poster' ? () => undefined : await ctx.site.encoders.take(ctx.signal);
  try {
    return await withJobDirectory(input.file, async (directory) => {
      const bench = createBench(engine, directory);
      const before = readBefore(engine, input.stages?.found('poster')?.note);
      const recording = before ?? (await readRecording(engine, { directory, name: 'in', demuxer, signal: ctx.signal, count: bench.count }));
      checkRecording(recording, input.rules, ctx.site.ceilings);
      refuseBeyond(engine, 'seconds', recording.seconds);
      // A video track in a sound file is not shown.
      const isVideo = recording.video !== null && !input.mimeType.startsWith('audio/');
      requireReadable(recording, input.mimeType);
      requireKind(input, recording, isVideo);
      return await use(await (isVideo ? makeVideo : makeAudio)(ctx, input, bench, recording));
    });
  } finally {
    leave();
  }
}

/** The WebAssembly engine handles short recordings; larger ones need an installed ffmpeg. */
function refuseBeyond({ most }: Engine, what: 'bytes' | 'seconds', value: number): void {
  if (most === null || value <= most[what]) return;
  const allowed = what === 'bytes' ? `${most.bytes / 2 ** 20} MiB` : `${most.seconds} seconds`;
  throw new FailedForGood({
    code: 'resource_limit',
    message: `Here @ffmpeg/core stands in for ffmpeg (${most.because}), and takes recordings of at most ${allowed}. Ask the operator to install ffmpeg, then retry.`,
    retryable: true,
  });
}

/** A video that would lose its picture or its sound is refused. A sound file may carry pictures of any kind. */
function requireReadable({ video, audio, unread }: Recording, mimeType: string): void {
  const lost = unread.filter(({ type }) => (type === 'audio' ? audio === null : video === null && !mimeType.startsWith('audio/')));
  if (lost.length > 0) throw undecodable(lost);
}

/** What was taken as sound alone by its container must not turn out to be a video of a type that is not accepted. */
function requireKind({ collection, mimeType, rules }: RecordingInput, { audio }: Recording, isVideo: boolean): void {
  const { kinds, name } = collection;
  if (!isVideo && audio === null) throw new SafelightError('corrupt_media', 'There is no sound in this file. Export it again.');
  if (!kinds.includes(isVideo ? 'video' : 'audio'))
    throw new SafelightError('unsupported_type', `${name} takes ${kinds.join(', ')}; this is ${isVideo ? 'a video' : 'sound alone'}.`);
  const refused = isVideo && rules !== null ? checkAcceptedType(typeOfMime(mimeType), rules.acceptedTypes) : null;
  if (refused !== null) throw new SafelightError(refused.code, refused.detail);
}

/** The owner may retry by hand once an engine is installed; automatic retries would not help. */
async function requireEngine(ctx: { site: Pick<ProcessingSite, 'engines'> }): Promise<Engine> {
  const { engine, reason } = await ctx.site.engines.find();
  if (engine !== null) return engine;
  throw new FailedForGood({
    code: 'unsupported_codec',
    message: `Video and audio cannot be processed here: ${reason}. Ask the operator to install ffmpeg, then retry.`,
    retryable: true,
  });
}
