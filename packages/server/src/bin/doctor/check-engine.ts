import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Config } from '../../config.ts';
import { inputOf, plainOutput } from '../../processing/engine/arguments.ts';
import type { Engine } from '../../processing/engine/engine.ts';
import { createEngines } from '../../processing/engine/find-engine.ts';
import { EngineRefusal, runEngine } from '../../processing/engine/run-engine.ts';
import { broken, doubtful, fine, messageOf, type Finding } from './finding.ts';

/** Checks video and sound on this machine by processing one second of it. Optional: pictures need none of it. */
export async function checkEngine({ engine: settings }: Pick<Config, 'engine'>, { signal }: { signal: AbortSignal }): Promise<Finding[]> {
  const { engine, reason } = await createEngines(settings).find();
  if (engine === null)
    return [
      doubtful(
        'ffmpeg',
        `${reason}: video and audio cannot be processed (engine_missing)`,
        settings.ffmpeg === null && settings.ffprobe === null
          ? 'Install ffmpeg 5.1 or newer with your system’s package manager; for short clips "npm install @ffmpeg/core" will do (GPL). Leave it where only pictures are used.'
          : 'Let FFMPEG_PATH and FFPROBE_PATH name an ffmpeg 5.1 or newer, or unset them, and the one on the PATH is used.',
      ),
    ];
  const doubts = [
    ...(engine.most === null
      ? []
      : [
          doubtful(
            'ffmpeg',
            `${engine.most.because}; @ffmpeg/core stands in, takes at most ${engine.most.seconds} seconds and ${engine.most.bytes / 2 ** 20} MiB of a recording and no AV1, and is slow`,
            'Install ffmpeg 5.1 or newer with your system’s package manager.',
          ),
        ]),
    ...(engine.sandbox === 'none' && settings.sandbox !== 'off'
      ? [doubtful('ffmpeg', 'it cannot be run without network here (unshare -n was refused)', 'Its own whitelists hold; allow user namespaces to be surer.')]
      : []),
    ...(engine.hasLimits ? [] : [doubtful('ffmpeg', 'its memory and files are not bounded (no prlimit)', 'Install util-linux.')]),
    ...(engine.endsWithUs ? [] : [doubtful('ffmpeg', 'it goes on for a while when its worker is killed (no setpriv)', 'Install util-linux 2.33 or newer.')]),
    ...lacking(engine).map(([what, consequence, fix]) => doubtful('ffmpeg', `it lacks ${what}: ${consequence}`, fix)),
  ];
  const said = `${engine.ffmpeg}, ${engine.version}, ${engine.mode === 'native' ? 'native' : 'WebAssembly'}; sandbox ${settings.sandbox === 'off' ? 'off, as configured' : engine.sandbox}`;
  try {
    await tryEngine(engine, signal);
    return [fine('ffmpeg', `${said}; a second was encoded, remuxed${engine.filters.has('zscale') ? ', tone mapped' : ''}, and a playlist refused`), ...doubts];
  } catch (error) {
    if (signal.aborted) throw error;
    return [broken('ffmpeg', `${said}; ${messageOf(error)}`, 'Install another build, and name it with FFMPEG_PATH and FFPROBE_PATH.'), ...doubts];
  }
}

/** What a build may lack and still do most of the work, and the consequences. */
function lacking({ mode, filters, encoders, decodes }: Engine): [string, string, string][] {
  const all: [boolean, string, string, string][] = [
    [filters.has('zscale') && filters.has('tonemap'), 'zscale', 'videos of high dynamic range are refused', 'Install an ffmpeg with libzimg.'],
    [
      encoders.has('libopus'),
      'libopus',
      'collections with audio.codec "opus" cannot have sound encoded',
      'Install an ffmpeg with libopus, or leave audio.codec at "aac".',
    ],
    [decodes.has('hevc'), 'a decoder for HEVC', 'most videos of phones are refused', 'Install a full build of ffmpeg.'],
    // For the WebAssembly engine this was already said.
    [mode === 'wasm' || decodes.has('av1'), 'a decoder for AV1', 'AV1 videos are refused', 'Install an ffmpeg with libdav1d.'],
  ];
  return all.flatMap(([is, ...said]) => (is ? [] : [said]));
}

const limits = { cpuSeconds: 30, fileBytes: 16 << 20, memoryBytes: 1 << 30 };
const toneMap = 'zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p';

async function tryEngine(engine: Engine, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'safelight-doctor-'));
  const run = async (args: string[]): Promise<unknown> => await runEngine(engine, { program: 'ffmpeg', args, directory, limits, signal });
  const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', ...plainOutput, '-f', 'mp4'];
  try {
    await run(['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=10:d=1', ...encoded, 'file:in']);
    await run([...inputOf('mov'), '-map', '0:V', '-c', 'copy', ...plainOutput, '-f', 'mp4', 'file:remuxed.mp4']);
    const pq = 'setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv';
    if (engine.filters.has('zscale')) await run([...inputOf('mov'), '-vf', `${pq},${toneMap}`, ...encoded, 'file:mapped.mp4']);
    await rm(path.join(directory, 'in'));
    await writeFile(path.join(directory, 'in'), 'ffconcat version 1.0\nfile remuxed.mp4\n');
    const isRefused = await run([...inputOf('mov'), '-c', 'copy', '-f', 'mp4', 'file:stolen.mp4']).then(
      () => false,
      (error: unknown) => error instanceof EngineRefusal,
    );
    if (!isRefused) throw new Error('it follows a playlist to another file although it was told to read one format only');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
