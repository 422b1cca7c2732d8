import { Readable } from 'node:stream';

/** Tells how many seconds ffmpeg has done, from what it writes with `-progress`. */
export function hearProgress(stream: unknown, onTime: (seconds: number) => void): void {
  if (!(stream instanceof Readable)) return;
  let rest = '';
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const micros = /^out_time_us=(\d+)$/.exec(line)?.[1];
      if (micros !== undefined) onTime(Number(micros) / 1e6);
    }
  });
}
