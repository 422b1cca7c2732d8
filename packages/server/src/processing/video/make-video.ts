import { z } from 'zod';

import type { ProcessingFacts, VideoFacts } from '@safelight/contract/recordings';

import { audioFactsOf, type Bench } from '../engine/bench.ts';
import type { Recording } from '../engine/read-recording.ts';
import { readerName, readNote } from '../engine/recording-note.ts';
import { bitrateOf } from '../engine/scan-packets.ts';
import { PosterDone } from '../in-its-lane.ts';
import { SafelightError } from '../../lib/errors.ts';
import type { MadeRecording, RecordingInput } from '../made.ts';
import type { RenderedArtifact } from '../render-artifacts.ts';
import type { RecordingContext } from '../recording-context.ts';
import type { MadeFile } from '../store-files.ts';
import { videoOutputs } from '../recording-roles.ts';
import { readUuidBoxes } from '../engine/read-boxes.ts';
import { readDigitalSource } from '../image/read-digital-source.ts';
import { markVideos } from './mark-videos.ts';
import { hlsOf } from './make-hls.ts';
import { posterOf } from './make-video-poster.ts';
import { bestPreviewPart, previewOf } from './make-preview.ts';
import { keyframesPart, storyboardOf } from './make-storyboard.ts';
import { streamOf } from './make-stream.ts';
import type { Share, VideoWork } from './video-work.ts';

const posterNote = readNote.extend({ blurDataURL: z.string().nullable(), dominantColour: z.string().nullable(), cpuMs: z.number() });
const streamNote = z.object({
  mode: z.enum(['remux', 'encode']),
  audio: z.enum(['copy', 'encode', 'none']),
  reencodeReasons: z.array(z.string()),
  cpuMs: z.number(),
});

/**
 * Makes all outputs of a video, each checked before it counts: first the poster, which its owner sees at once, then the stream, and the small ones
 * last. Large stages that an earlier attempt has kept are not made again.
 */
export async function makeVideo(ctx: RecordingContext, asked: RecordingInput, bench: Bench, recording: Recording): Promise<MadeRecording> {
  const { video, videoScan: scan, audio } = recording;
  if (video === null || scan === null) throw new Error('there is no picture');
  // Encoding would lose the file's own statement.
  const input = { ...asked, digitalSource: asked.digitalSource ?? readDigitalSource(await readUuidBoxes(asked.file)) };
  const { video: rules } = input.collection;
  if (rules.hdr === 'refuse') refuseHdr(video);
  const work: VideoWork = { ctx, input, bench, recording, video, scan };
  const outputs = videoOutputs(input.collection);
  const isWanted = (output: (typeof rules.outputs)[number], role: string = output): boolean => outputs.has(output) && input.without?.has(role) !== true;
  const all: Stage = { files: [], kept: [] };
  const { onProgress } = input;

  // Made even when it is not shown: the record's colours come from it.
  const poster =
    input.without?.has('poster') === true && input.without.has('poster_small')
      ? null
      : await once(work, 'poster', posterNote, async () => {
          const { facts, files } = await posterOf(work);
          const { blurDataURL, dominantColour } = facts;
          return {
            files: outputs.has('poster') ? files : [],
            note: { blurDataURL, dominantColour, recording, readBy: readerName(bench.engine) },
            columns: { ...sizeColumns(work), blur_data_url: blurDataURL, dominant_colour: dominantColour },
          };
        });
  if (poster !== null) add(all, poster);
  if (input.only === 'poster') throw new PosterDone();
  onProgress?.(0.05, 'poster');

  const isInSizes = rules.hls === 'on' && isWanted('stream', 'hls_360');
  const until = isInSizes ? 0.5 : 0.95;
  const smallRoles = (['preview', 'storyboard'] as const).filter((role) => isWanted(role));
  const { stream, tried } = isWanted('stream') ? await streamStage(work, { from: 0.05, to: until }, smallRoles) : { stream: null, tried: none };
  if (stream !== null) add(all, stream);
  onProgress?.(until, 'stream');
  if (isInSizes)
    add(all, await once(work, 'hls', z.object({ cpuMs: z.number() }), async () => ({ files: await hlsOf(work, { from: until, to: 0.95 }), note: {} })));
  onProgress?.(null, 'finishing');
  const small: MadeFile[] = [];
  for (const role of smallRoles) small.push(await (role === 'preview' ? previewOf : storyboardOf)(work, { isTried: tried.includes(role) }));
  await markVideos(small, input.digitalSource);
  all.files.push(...small);
  return {
    ...all,
    columns: {
      ...sizeColumns(work),
      ...(poster === null ? {} : { blur_data_url: poster.note.blurDataURL, dominant_colour: poster.note.dominantColour }),
      digital_source: input.digitalSource,
      video: JSON.stringify(factsOf(work)),
      audio: audio === null ? null : JSON.stringify(audioFactsOf(recording, audio, null)),
      ...(stream === null && input.without !== undefined ? {} : { processing: JSON.stringify(accountOf(stream?.note ?? null, bench)) }),
    },
  };
}

type SmallRole = 'preview' | 'storyboard';
const none: readonly SmallRole[] = [];

/** ffmpeg passes packets of several files between threads; for more packets than this, starting another process costs less. */
const mostPacketsBeside = 10_000;

/** The stream, and which of the small outputs were made along with it. */
async function streamStage(work: VideoWork, share: Share, small: readonly SmallRole[]) {
  let tried = none;
  const stream = await once(work, 'stream', streamNote, async () => {
    const packets = work.scan.packets + (work.recording.audioScan?.packets ?? 0);
    const roles = packets > mostPacketsBeside ? [] : small;
    // The keyframes are read long before the encoding ends, so ffmpeg would report the whole as done.
    const beside = { remux: roles, encode: roles.filter((role) => role === 'preview') };
    const partsOf = (some: readonly SmallRole[]) => some.map((role) => (role === 'preview' ? bestPreviewPart : keyframesPart)(work));
    const { file, plan, madeBeside } = await streamOf(work, share, { remux: partsOf(beside.remux), encode: partsOf(beside.encode) });
    tried = madeBeside === null ? none : beside[madeBeside];
    return { files: [file], note: plan };
  });
  return { stream, tried };
}

function refuseHdr({ hdr }: Pick<NonNullable<Recording['video']>, 'hdr'>): void {
  if (hdr !== 'none') throw new SafelightError('unsupported_codec', 'Videos of high dynamic range are not taken here. Send it in standard range.');
}

const accountOf = (stream: z.output<typeof streamNote> | null, bench: Bench): ProcessingFacts => ({
  mode: stream?.mode ?? 'none',
  audio: stream?.audio ?? 'none',
  reencodeReasons: stream?.reencodeReasons ?? [],
  ...bench.account(),
});

type Stage = { files: MadeFile[]; kept: RenderedArtifact[] };

function add(all: Stage, { files, kept }: Stage): void {
  all.files.push(...files);
  all.kept.push(...kept);
}

/** Runs a stage, or takes the result that another attempt has kept. When stages are not kept, its files are passed on. */
async function once<Note extends { cpuMs: number }>(
  { input, bench }: VideoWork,
  stage: string,
  schema: z.ZodType<Note>,
  make: () => Promise<{ files: MadeFile[]; note: Omit<Note, 'cpuMs'>; columns?: MadeRecording['columns'] }>,
): Promise<Stage & { note: Note }> {
  const found = input.stages?.found(stage) ?? null;
  const left = found === null ? undefined : schema.safeParse(found.note).data;
  if (found !== null && left !== undefined) {
    bench.count(left.cpuMs);
    return { files: [], kept: found.artifacts, note: left };
  }
  const before = bench.account().cpuMs;
  const { files, note, columns } = await make();
  await markVideos(files, input.digitalSource);
  const noted = schema.parse({ ...note, cpuMs: bench.account().cpuMs - before });
  if (input.stages === undefined) return { files, kept: [], note: noted };
  return { files: [], kept: await input.stages.keep(stage, files, noted, columns), note: noted };
}

const sizeColumns = ({ video, recording }: VideoWork) => ({
  kind: 'video' as const,
  width: video.upright.width,
  height: video.upright.height,
  duration_ms: Math.round(recording.seconds * 1000),
});

function factsOf({ recording: { fps, seconds }, video, scan }: VideoWork): VideoFacts {
  return {
    codec: video.codec,
    profile: video.profile,
    ...video.upright,
    fps: Math.round(fps * 1000) / 1000,
    vfr: fps > 0 && scan.largestGap > 1.5 / fps,
    rotation: video.rotation,
    hdr: video.hdr,
    bitrate: bitrateOf(scan, seconds),
  };
}
