import type { AudioFacts } from '@safelight/contract/recordings';
import path from 'node:path';

import { inputOf, plainOutput } from '../engine/arguments.ts';
import { damagedRecording } from '../engine/damaged-recording.ts';
import { checkOutput } from '../engine/check-output.ts';
import { audioFactsOf, workLimits, type Bench } from '../engine/bench.ts';
import { makePoster } from '../engine/make-poster.ts';
import type { Recording } from '../engine/read-recording.ts';
import { EngineRefusal, runEngine } from '../engine/run-engine.ts';
import { SafelightError } from '../../lib/errors.ts';
import { deliversSource } from '../../policy/collection.ts';
import { PosterDone } from '../in-its-lane.ts';
import type { MadeRecording, RecordingInput } from '../made.ts';
import type { RecordingContext } from '../recording-context.ts';
import { audioRoles } from '../recording-roles.ts';
import type { MadeFile } from '../store-files.ts';
import { audioArguments, measureArguments, planAudioStream, type AudioPlan } from './audio-arguments.ts';
import { keepFrames } from './keep-frames.ts';
import { readLoudness } from './read-loudness.ts';
import { collectWaveform } from './waveform.ts';

/** Makes everything for a sound: stream, preview, peaks, loudness, and its cover, if it has one. */
export async function makeAudio(ctx: RecordingContext, input: RecordingInput, bench: Bench, recording: Recording): Promise<MadeRecording> {
  const { engine, directory } = bench;
  const { audio } = recording;
  if (audio === null) throw new Error('there is no sound');
  // It was taken for a video, and as a sound it has no poster to wait for.
  if (input.only === 'poster') throw new PosterDone();
  const plan = planAudioStream(recording, input.collection.audio, { isSold: deliversSource(input.collection) });
  const { loudness, waveform } = await run(ctx, input, bench, recording, plan);
  const { extension, mimeType, demuxer } = containers[plan.container];
  const stream = `stream.${extension}`;
  if (plan.container === 'mp3') await keepFrames(path.join(directory, stream), ctx.signal);
  const check = { directory, picture: null, hasSound: true, soundOffset: null, signal: ctx.signal };
  await checkOutput(engine, { ...check, name: stream, demuxer, seconds: recording.seconds });
  await checkOutput(engine, { ...check, name: 'preview.m4a', demuxer: 'mov', seconds: plan.preview.seconds });
  const cover = await makeCover(ctx, input, bench, recording);
  const noSize = { width: null, height: null };
  const all: MadeFile[] = [
    { role: 'stream', content: { path: path.join(directory, stream) }, extension, mimeType, ...noSize },
    { role: 'preview', content: { path: path.join(directory, 'preview.m4a') }, extension: 'm4a', mimeType: 'audio/mp4', ...noSize },
    { role: 'waveform', content: { bytes: Buffer.from(JSON.stringify(waveform)) }, extension: 'json', mimeType: 'application/json', ...noSize },
    ...(cover?.files ?? []),
  ];
  const wanted = new Set(audioRoles(input.collection));
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

const containers = {
  mp4: { extension: 'm4a', mimeType: 'audio/mp4', demuxer: 'mov' },
  mp3: { extension: 'mp3', mimeType: 'audio/mpeg', demuxer: 'mp3' },
  ogg: { extension: 'ogg', mimeType: 'audio/ogg', demuxer: 'ogg' },
} as const;

async function run(
  ctx: RecordingContext,
  input: RecordingInput,
  { engine, directory, count }: Bench,
  recording: Recording,
  plan: AudioPlan,
): Promise<{ loudness: AudioFacts['loudness']; waveform: ReturnType<ReturnType<typeof collectWaveform>['finish']> }> {
  const rules = input.collection.audio;
  const peaks = collectWaveform(recording.seconds, rules.waveformPointsPerSecond);
  const call = async (args: string[], share: { from: number; to: number }, onData?: (chunk: Buffer) => void): Promise<string> => {
    const { words, cpuMs } = await runEngine(engine, {
      program: 'ffmpeg',
      args,
      directory,
      limits: workLimits(recording),
      signal: ctx.signal,
      ...(onData === undefined ? {} : { onData }),
      onTime: (done) => input.onProgress?.(share.from + (share.to - share.from) * Math.min(1, done / recording.seconds), 'encoding'),
    });
    count(cpuMs);
    return words;
  };
  try {
    const isChanged = rules.normalise !== 'off';
    const measured = isChanged ? readLoudness(await call(measureArguments(recording), { from: 0, to: 0.2 })) : null;
    const share = { from: isChanged ? 0.2 : 0, to: 0.95 };
    const words = await call(audioArguments(engine, recording, plan, { measured, rules }), share, (chunk) => peaks.add(chunk));
    input.onProgress?.(null, 'finishing');
    const heard = readLoudness(words);
    const loudness = heard === null ? null : { integrated: heard.integrated, truePeak: heard.truePeak, range: heard.range };
    return { loudness, waveform: peaks.finish() };
  } catch (cause) {
    throw cause instanceof EngineRefusal ? damagedRecording('not all of its sound can be decoded', cause) : cause;
  }
}

/** A cover that cannot be read is skipped: the recording matters. */
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
    if (ctx.signal.aborted || isPassing(error)) throw error;
    ctx.log.info({ err: error }, 'the cover of a recording could not be read; it is shown without one');
    return null;
  }
}

/** Such as a full disk: the next attempt makes the cover. */
const isPassing = (error: unknown): boolean => error instanceof SafelightError && error.retryable;
