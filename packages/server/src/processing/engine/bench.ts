import type { AudioFacts, ProcessingFacts } from '@safelight/contract/recordings';

import type { Engine } from './engine.ts';
import type { AudioTrack } from './probe.ts';
import type { Recording } from './read-recording.ts';
import type { EngineLimits } from './run-engine.ts';

/** Where one recording is processed: its directory, its engine, and the processor time used so far. */
export type Bench = {
  engine: Engine;
  directory: string;
  count(cpuMs: number): void;
  account(): Pick<ProcessingFacts, 'engine' | 'sandbox' | 'cpuMs'>;
};

export function createBench(engine: Engine, directory: string): Bench {
  let cpuMs = 0;
  return {
    engine,
    directory,
    count: (more) => void (cpuMs += more),
    account: () => ({ engine: `ffmpeg ${engine.version}${engine.mode === 'wasm' ? ' (WebAssembly)' : ''}`, sandbox: engine.sandbox, cpuMs: Math.round(cpuMs) }),
  };
}

const most1080p = 1 << 30;
const mostAbove = 2 * 2 ** 30;

/** Limits for processing a recording, by its length and size. */
export function workLimits({ seconds, video, audioScan, videoScan }: Pick<Recording, 'seconds' | 'video' | 'audioScan' | 'videoScan'>): EngineLimits {
  const bytes = (videoScan?.bytes ?? 0) + (audioScan?.bytes ?? 0);
  return {
    cpuSeconds: 60 + 20 * seconds,
    fileBytes: Math.max(64 << 20, 2 * bytes + (64 << 20)),
    memoryBytes: (video?.upright.width ?? 0) * (video?.upright.height ?? 0) > 1920 * 1088 ? mostAbove : most1080p,
  };
}

export const audioFactsOf = ({ audioScan, seconds }: Recording, audio: AudioTrack, loudness: AudioFacts['loudness']): AudioFacts => ({
  codec: audio.codec,
  channels: audio.channels,
  sampleRate: audio.sampleRate,
  bitrate: audioScan === null || seconds <= 0 ? 0 : Math.round((audioScan.bytes * 8) / seconds),
  loudness,
});
