import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { asMp4, plainOutput, withoutWords } from '../../processing/engine/arguments.ts';
import type { Engines } from '../../processing/engine/engine.ts';
import { runEngine } from '../../processing/engine/run-engine.ts';
import { ProviderFailure, type GenerationRequest } from '../generator.ts';
import { drawPicture } from './draw-picture.ts';

const limits = { cpuSeconds: 120, fileBytes: 64 << 20, memoryBytes: 512 << 20 };
const framesPerSecond = 12;

/** An MP4 determined by the same inputs as a picture: the picture, whose hues rotate once. Its notice stays. */
export async function drawVideo(engines: Engines, request: GenerationRequest, signal: AbortSignal): Promise<Buffer> {
  const { engine, reason } = await engines.find();
  if (engine === null) throw new ProviderFailure('provider_disabled', `Videos cannot be drawn here: ${reason}.`, { isBilled: false });
  const directory = await mkdtemp(path.join(tmpdir(), 'safelight-local-'));
  try {
    await writeFile(path.join(directory, 'picture.png'), await drawPicture({ size: '640x360', ...request }));
    const seconds = request.durationSeconds ?? 2;
    const picture = ['-loop', '1', '-framerate', String(framesPerSecond), '-t', String(seconds), '-f', 'image2', '-i', 'picture.png'];
    const colours = ['-vf', `hue=H=2*PI*t/${seconds},scale=trunc(iw/2)*2:trunc(ih/2)*2`];
    const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '28', '-pix_fmt', 'yuv420p', '-threads', '1', ...withoutWords];
    const args = ['-nostdin', '-hide_banner', '-v', 'error', '-y', ...picture, ...colours, ...codec, ...plainOutput, ...asMp4, 'file:video.mp4'];
    await runEngine(engine, { program: 'ffmpeg', args, directory, limits, signal });
    return await readFile(path.join(directory, 'video.mp4'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
