const sampleRate = 8000;
const mostPoints = 20_000;

/** The peaks of a recording in the format of `audiowaveform` (JSON, version 2): for each point the lowest and the highest sample. */
export type Waveform = { version: 2; channels: 1; sample_rate: number; samples_per_pixel: number; bits: 8; length: number; data: number[] };

export type WaveformCollector = { add(samples: Buffer): void; finish(): Waveform };

/** Takes 16-bit mono samples at 8000 per second, in pieces of any size. Makes this many points per second, or fewer for a long recording. */
export function collectWaveform(seconds: number, pointsPerSecond: number): WaveformCollector {
  const perPoint = Math.max(1, Math.round(sampleRate / pointsPerSecond), Math.ceil((seconds * sampleRate) / mostPoints));
  const data: number[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let low = 0;
  let high = 0;
  let count = 0;
  const close = (): void => {
    if (count === 0) return;
    data.push(low >> 8, high >> 8);
    count = 0;
  };
  return {
    add(chunk) {
      const samples = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = samples.length - (samples.length % 2);
      for (let at = 0; at < whole; at += 2) {
        const sample = samples.readInt16LE(at);
        low = count === 0 ? sample : Math.min(low, sample);
        high = count === 0 ? sample : Math.max(high, sample);
        if (++count === perPoint) close();
      }
      rest = samples.subarray(whole);
    },
    finish() {
      close();
      return { version: 2, channels: 1, sample_rate: sampleRate, samples_per_pixel: perPoint, bits: 8, length: data.length / 2, data };
    },
  };
}
