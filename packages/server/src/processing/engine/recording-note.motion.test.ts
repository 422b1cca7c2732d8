import { describe, expect, test } from 'vitest';

import { aac, engines, h264, makeClip, picture, tone, whyNoFfmpeg } from '../../../test/support/recordings.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { readRecording } from './read-recording.ts';
import { readBefore, readerName } from './recording-note.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();

describe.skipIf(why !== null)(`what was read of a recording before${why === null ? '' : ` (${why})`}`, () => {
  test('is reused if the same ffmpeg wrote it, and read again if another did or there is none', async () => {
    const { engine } = await engines.find();
    if (engine === null) throw new Error('there is no engine');
    await makeClip(directory, 'in.mp4', [...picture(1), ...tone(1), ...h264, ...aac, '-shortest']);
    const recording = await readRecording(engine, { directory, name: 'in.mp4', demuxer: 'mov', signal: new AbortController().signal });
    // As the database returns it.
    const note: unknown = JSON.parse(JSON.stringify({ recording, readBy: readerName(engine), blurDataURL: null, cpuMs: 1 }));
    expect(readBefore(engine, note)).toEqual(recording);
    expect(readBefore({ ...engine, version: '99.0' }, note)).toBeNull();
    expect(readBefore(engine, { blurDataURL: null })).toBeNull();
    expect(readBefore(engine, undefined)).toBeNull();
  });
});
