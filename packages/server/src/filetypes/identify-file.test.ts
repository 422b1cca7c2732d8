import { describe, expect, test } from 'vitest';

import { identifyFile } from './identify-file.ts';

const iso = (brand: string): Buffer => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\x01${brand}isom`, 'latin1');
const webm = Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex');
const identify = (bytes: Buffer, contentType: string | null, fileName: string, accepted: readonly string[]) =>
  identifyFile(bytes, { contentType, fileName }, accepted, []);

describe('sound alone in a container for videos', () => {
  test.each<[string, Buffer, string | null, string, readonly string[]]>([
    ['of Chrome', webm, 'audio/webm;codecs=opus', 'blob', ['audio/webm', 'audio/mp4']],
    ['of Chrome, under the name of a video', webm, 'audio/webm', 'memo.webm', ['audio/*']],
    ['of Safari', iso('iso5'), 'audio/mp4', 'memo.mp4', ['audio/webm', 'audio/mp4']],
    ['of an Android phone', iso('mp42'), 'audio/x-m4a', 'Voice 001.m4a', ['audio/mp4']],
    ['of a sender that does not say what it is', iso('mp42'), null, '', ['audio/*']],
  ])('%s is taken where only sound is accepted', (_, bytes, contentType, fileName, accepted) => {
    expect(identify(bytes, contentType, fileName, accepted).kind).toBe('audio');
  });

  test('is a video until its tracks are read where videos are accepted too', () => {
    expect(identify(webm, 'audio/webm', 'memo.webm', ['video/webm', 'audio/webm'])).toEqual({ kind: 'video', mimeType: 'video/webm' });
  });

  test('is refused where its type is not accepted, as a declared video is where only sound is', () => {
    expect(() => identify(webm, 'audio/webm', 'memo.webm', ['audio/mp4'])).toThrow('This is a WebM video');
    expect(() => identify(iso('mp42'), 'video/mp4', 'film.mp4', ['audio/*'])).toThrow('This is an MP4 video');
  });
});
