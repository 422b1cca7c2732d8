import { z } from 'zod';

import type { VideoFacts } from '@safelight/contract/recordings';

import { audioFactsOf, type Bench } from '../engine/bench.ts';
import type { Recording } from '../engine/read-recording.ts';
import { bitrateOf } from '../engine/scan-packets.ts';
import { PosterDone } from '../in-its-lane.ts';
import { SafelightError } from '../../lib/errors.ts';
import { deliversSource } from '../../policy/collection.ts';
import type { MadeRecording, RecordingInput } from '../made.ts';
import type { RenderedArtifact } from '../render-artifacts.ts';
import type { RecordingContext } from '../recording-context.ts';
import type { MadeFile } from '../store-files.ts';
import { readUuidBoxes } from '../engine/read-boxes.ts';
import { readDigitalSource } from '../image/read-digital-source.ts';
import { markVideos } from './mark-video.ts';
import { hlsOf } from './make-hls.ts';
import { posterOf } from './make-video-poster.ts';
import { previewOf } from './make-preview.ts';
import { storyboardOf } from './make-storyboard.ts';
import { streamOf } from './make-stream.ts';
import type { VideoWork } from './video-work.ts';

const posterNote = z.object({ blurDataURL: z.string().nullable(), dominantColour: z.string().nullable(), cpuMs: z.number() });
const streamNote = z.object({
  mode: z.enum(['remux', 'encode']),
  audio: z.enum(['copy', 'encode', 'none']),
  reencodeReasons: z.array(z.string()),
  cpuMs: z.number(),
});

/**
 * Everything that is made of a video, each checked before it counts: the poster first, which its owner sees at once, then the stream, and
 * what is small at last. What an earlier attempt has kept of the large stages is not made again.
 */
export async function makeVideo(ctx: RecordingContext, asked: RecordingInput, bench: Bench, recording: Recording): Promise<MadeRecording> {
  const { video, videoScan: scan, audio } = recording;
  if (video === null || scan === null) throw new Error('there is no picture');
  // Encoding it anew would lose what the file itself says of that.
  const input = { ...asked, digitalSource: asked.digitalSource ?? readDigitalSource(await readUuidBoxes(asked.file)) };
  const { video: rules, gate } = input.collection;
  if (video.hdr !== 'none' && rules.hdr === 'refuse')
    throw new SafelightError('unsupported_codec', 'Videos of high dynamic range are not taken here. Send it in standard range.');
  const work: VideoWork = { ctx, input, bench, recording, video, scan };
  // Under an opaque URL whoever has it may read: what is sold is not given away whole.
  const sold = deliversSource(input.collection);
  const wanted = new Set<string>(rules.outputs.filter((role) => !sold || (role !== 'stream' && role !== 'storyboard')));
  const all: Stage = { files: [], kept: [] };
  const { onProgress } = input;

  const poster = await once(work, 'poster', posterNote, async () => {
    const { facts, files } = await posterOf(work);
    const { blurDataURL, dominantColour } = facts;
    // Whoever reviews it has to see something.
    return {
      files: wanted.has('poster') || gate === 'policy' ? files : [],
      note: { blurDataURL, dominantColour },
      columns: { ...sizeColumns(work), blur_data_url: blurDataURL, dominant_colour: dominantColour },
    };
  });
  add(all, poster);
  if (input.only === 'poster') throw new PosterDone();
  onProgress?.(0.05, 'poster');

  const shares = rules.hls === 'on' && wanted.has('stream') ? { stream: 0.5, hls: 0.95 } : { stream: 0.95, hls: 0.95 };
  const stream = wanted.has('stream')
    ? await once(work, 'stream', streamNote, async () => {
        const { file, plan } = await streamOf(work, { from: 0.05, to: shares.stream });
        return { files: [file], note: plan };
      })
    : null;
  if (stream !== null) add(all, stream);
  onProgress?.(shares.stream, 'stream');
  if (stream !== null && rules.hls === 'on')
    add(
      all,
      await once(work, 'hls', z.object({ cpuMs: z.number() }), async () => ({ files: await hlsOf(work, { from: shares.stream, to: shares.hls }), note: {} })),
    );
  onProgress?.(null, 'finishing');
  const small: MadeFile[] = [];
  if (wanted.has('preview')) small.push(await previewOf(work));
  if (wanted.has('storyboard') || gate === 'policy') small.push(await storyboardOf(work));
  await markVideos(small, input.digitalSource);
  all.files.push(...small);
  const { blurDataURL, dominantColour } = poster.note;
  return {
    ...all,
    columns: {
      ...sizeColumns(work),
      blur_data_url: blurDataURL,
      dominant_colour: dominantColour,
      digital_source: input.digitalSource,
      video: JSON.stringify(factsOf(work)),
      audio: audio === null ? null : JSON.stringify(audioFactsOf(recording, audio, null)),
      processing: JSON.stringify({
        mode: stream?.note.mode ?? 'none',
        audio: stream?.note.audio ?? 'none',
        reencodeReasons: stream?.note.reencodeReasons ?? [],
        ...bench.account(),
      }),
    },
  };
}

type Stage = { files: MadeFile[]; kept: RenderedArtifact[] };

function add(all: Stage, { files, kept }: Stage): void {
  all.files.push(...files);
  all.kept.push(...kept);
}

/** Does a stage, or takes what another attempt has kept of it. Where nothing is kept, its files are handed on. */
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
