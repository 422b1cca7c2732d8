import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { doubtful, fine, type Finding } from './finding.ts';

/** Optional: pictures need none of it. */
export async function checkFfmpeg(env: NodeJS.ProcessEnv, { signal }: { signal: AbortSignal }): Promise<Finding[]> {
  const programs = [
    { name: 'ffmpeg', file: env['FFMPEG_PATH'] || 'ffmpeg' },
    { name: 'ffprobe', file: env['FFPROBE_PATH'] || 'ffprobe' },
  ];
  const answers = await Promise.all(programs.map(async ({ name, file }) => ({ name, version: await versionOf(file, signal) })));
  const missing = answers.filter(({ version }) => version === null).map(({ name }) => name);
  if (missing.length === 0) return [fine('ffmpeg', answers[0]?.version ?? '')];
  return [
    doubtful(
      'ffmpeg',
      `${missing.join(' and ')} not found: video and audio cannot be processed`,
      'Install ffmpeg with your system’s package manager, or leave it where only pictures are used.',
    ),
  ];
}

async function versionOf(file: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(file, ['-version'], { signal, timeout: 10_000 });
    return stdout.split('\n', 1)[0]?.split(' Copyright', 1)[0] ?? '';
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}
