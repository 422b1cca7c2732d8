import type { AudioFacts } from '@safelight/contract/recordings';
import path from 'node:path';

import { inputOf, plainOutput } from '../engine/arguments.ts';
import { damagedRecording } from '../engine/damaged-recording.ts';
import { checkOutput } from '../engine/check-output.ts';
import { audioFactsOf, workLimits, type Bench } from '../engine/bench.ts';
import { makePoster } from '../engine/make-poster.ts';
import type { Recording } from '../engine/read-recording.ts';
import { EngineRefusal, runEngine } from '../engine/run-engine.ts';
import { deliversSource } from '../../policy/collection.ts';
import { PosterDone } from '../in-its-lane.ts';
import type { MadeRecording, RecordingInput } from '../made.ts';
import type { RecordingContext } from '../recording-context.ts';
import type { MadeFile } from '../store-files.ts';
import { audioArguments, planAudioStream, type AudioPlan } from './audio-arguments.ts';
import { readLoudness, type Loudness } from './read-loudness.ts';
import { collectWaveform } from './waveform.ts';

/** Everything that is made of a sound: stream, preview, peaks, loudness, and its cover, where it has one. */
export async function makeAudio(ctx: RecordingContext, input: RecordingInput, bench: Bench, recording: Recording): Promise<MadeRecording> {
  const { engine, directory } = bench;
  const { audio } = recording;
  if (audio === null) throw new Error('there is no sound');
  // It was taken for a video and has no poster of its own to wait for.
  if (input.only === 'poster') throw new PosterDone();
  const plan = planAudioStream(recording, { isSold: deliversSource(input.collection) });
  const { loudness, waveform } = await run(ctx, input, bench, recording, plan);
  const stream = plan.container === 'mp3' ? 'stream.mp3' : 'stream.m4a';
  const check = { directory, picture: null, hasSound: true, soundOffset: null, signal: ctx.signal };
  await checkOutput(engine, { ...check, name: stream, demuxer: plan.container === 'mp3' ? 'mp3' : 'mov', seconds: recording.seconds });
  await checkOutput(engine, { ...check, name: 'preview.m4a', demuxer: 'mov', seconds: plan.preview.seconds });
  const cover = await makeCover(ctx, input, bench, recording);
  const noSize = { width: null, height: null };
  const all: MadeFile[] = [
    ...(plan.container === 'mp3'
      ? [{ role: 'stream', content: { path: path.join(directory, stream) }, extension: 'mp3', mimeType: 'audio/mpeg', ...noSize }]
      : [{ role: 'stream', content: { path: path.join(directory, stream) }, extension: 'm4a', mimeType: 'audio/mp4', ...noSize }]),
    { role: 'preview', content: { path: path.join(directory, 'preview.m4a') }, extension: 'm4a', mimeType: 'audio/mp4', ...noSize },
    { role: 'waveform', content: { bytes: Buffer.from(JSON.stringify(waveform)) }, extension: 'json', mimeType: 'application/json', ...noSize },
    ...(cover?.files ?? []),
  ];
  const wanted = new Set<string>(input.collection.audio.outputs);
  // Under an opaque URL whoever has it may read: what is sold is not given away whole.
  if (deliversSource(input.collection)) wanted.delete('stream');
  const facts: AudioFacts = audioFactsOf(recording, audio, loudness);
  return {
    kept: [],
    files: all.filter(({ role }) => wanted.has(role) || role.startsWith('poster')),
    columns: {
      kind: 'audio',
      duration_ms: Math.round(recording.seconds * 1000),
      audio: JSON.stringify(facts),
      blur_data_url: cover?.facts.blurDataURL ?? null,
      dominant_colour: cover?.facts.dominantColour ?? null,
      processing: JSON.stringify({ mode: 'none', audio: plan.mode, reencodeReasons: [], ...bench.account() }),
    },
  };
}

async function run(
  ctx: RecordingContext,
  input: RecordingInput,
  { engine, directory, count }: Bench,
  recording: Recording,
  plan: AudioPlan,
): Promise<{ loudness: Loudness | null; waveform: ReturnType<ReturnType<typeof collectWaveform>['finish']> }> {
  const { bitrate, waveformPointsPerSecond } = input.collection.audio;
  const peaks = collectWaveform(recording.seconds, waveformPointsPerSecond);
  try {
    const { words, cpuMs } = await runEngine(engine, {
      program: 'ffmpeg',
      args: audioArguments(recording, plan, { bitrate }),
      directory,
      limits: workLimits(recording),
      signal: ctx.signal,
      onData: (chunk) => peaks.add(chunk),
      onTime: (done) => input.onProgress?.(Math.min(1, done / recording.seconds) * 0.95, 'encoding'),
    });
    count(cpuMs);
    input.onProgress?.(null, 'finishing');
    return { loudness: readLoudness(words), waveform: peaks.finish() };
  } catch (cause) {
    throw cause instanceof EngineRefusal ? damagedRecording('not all of its sound can be decoded', cause) : cause;
  }
}

/** A cover that cannot be read is nobody's loss: the recording is what was sent. */
async function makeCover(
  ctx: RecordingContext,
  input: RecordingInput,
  { engine, directory, count }: Bench,
  { header, demuxer }: Recording,
): ReturnType<typeof tryCover> {
  if (header.cover === null) return null;
  const args = [...inputOf(demuxer), '-map', `0:${header.cover}`, '-c:v', 'copy', '-frames:v', '1', ...plainOutput, '-f', 'image2', 'file:cover'];
  return await tryCover(ctx, async () => {
    const { cpuMs } = await runEngine(engine, {
      program: 'ffmpeg',
      args,
      directory,
      limits: { cpuSeconds: 20, fileBytes: 64 << 20, memoryBytes: 1 << 30 },
      signal: ctx.signal,
    });
    count(cpuMs);
    return await makePoster(ctx, path.join(directory, 'cover'), input.digitalSource);
  });
}

async function tryCover(ctx: RecordingContext, make: () => ReturnType<typeof makePoster>): Promise<Awaited<ReturnType<typeof makePoster>> | null> {
  try {
    return await make();
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    ctx.log.info({ err: error }, 'the cover of a recording could not be read; it is shown without one');
    return null;
  }
}
