import { stat } from 'node:fs/promises';

import { workLimits } from '../engine/bench.ts';
import { damagedRecording } from '../engine/damaged-recording.ts';
import { EngineRefusal, runEngine } from '../engine/run-engine.ts';
import type { Share, VideoWork } from './video-work.ts';

/** Runs the engine on a video; `share` is its part of the whole progress. */
export async function runForVideo({ ctx, bench, recording, input }: VideoWork, args: string[], share?: Share): Promise<void> {
  const { seconds } = recording;
  const tell = (done: number): void => {
    if (share !== undefined) input.onProgress?.(share.from + (share.to - share.from) * Math.min(1, done / seconds), 'encoding');
  };
  try {
    const { cpuMs } = await runEngine(bench.engine, {
      program: 'ffmpeg',
      args,
      directory: bench.directory,
      limits: workLimits(recording),
      signal: ctx.signal,
      onTime: tell,
    });
    bench.count(cpuMs);
  } catch (cause) {
    throw cause instanceof EngineRefusal ? damagedRecording('not all of its frames can be decoded', cause) : cause;
  }
}

/** Whether the engine has made a file that is not empty. */
export async function isMade(file: string): Promise<boolean> {
  return await stat(file).then(
    ({ size }) => size > 0,
    () => false,
  );
}
