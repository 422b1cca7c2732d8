/** A parent of an endless ffmpeg that prints its process id, and then waits to be killed. */
import { createEngines } from '../../src/processing/engine/find-engine.ts';
import { runEngine } from '../../src/processing/engine/run-engine.ts';

const [directory = '.'] = process.argv.slice(2);
const { engine } = await createEngines({ ffmpeg: null, ffprobe: null, sandbox: 'auto', threads: 1 }).find();
if (engine === null) throw new Error('there is no ffmpeg');
await runEngine(
  { ...engine, ffmpeg: `${directory}/program` },
  {
    program: 'ffmpeg',
    args: [],
    directory,
    limits: { cpuSeconds: 60, fileBytes: 1 << 20, memoryBytes: 1 << 30 },
    signal: new AbortController().signal,
    onData: (chunk) => void process.stdout.write(chunk),
  },
);
