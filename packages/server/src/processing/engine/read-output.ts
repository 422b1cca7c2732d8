import path from 'node:path';

import type { Engine } from './engine.ts';
import type { OutputFacts } from './output-facts.ts';
import { readOwnMp4 } from './read-own-mp4.ts';
import { readRecording, type Recording } from './read-recording.ts';

type Asked = { directory: string; name: string; demuxer: 'mov' | 'mp3' | 'ogg'; signal: AbortSignal };

/** Reads header and samples of an output: an ordinary MP4 directly, everything else as an untrusted file. */
export async function readOutput(engine: Engine, asked: Asked): Promise<OutputFacts> {
  const own = asked.demuxer === 'mov' ? await readOwnMp4(path.join(asked.directory, asked.name)) : null;
  return own ?? factsOf(await readRecording(engine, { ...asked, withTags: true }));
}

export function factsOf({ seconds, header, boxes, video, videoScan, audioScan, fps }: Recording): OutputFacts {
  return {
    seconds,
    tags: header.tags,
    isFastStart: boxes?.isFastStart ?? true,
    picture:
      video === null || videoScan === null
        ? null
        : {
            codec: video.codec,
            pixelFormat: video.pixelFormat,
            ...video.upright,
            isTurned: video.isTurned,
            isHdr: video.hdr !== 'none',
            isMonotonic: videoScan.isMonotonic,
            start: videoScan.start,
            fps,
          },
    sound: audioScan === null ? null : { start: audioScan.start },
  };
}
