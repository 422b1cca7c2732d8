import { describe, expect, test } from 'vitest';

import { collectHeader } from './probe.ts';

const decodes = new Set(['hevc', 'aac']);
const track = 'stream|index=0|codec_name=hevc|profile=Main 10|codec_type=video|width=1280|height=720|color_transfer=arib-std-b67|disposition:default=1';
const matrix = 'displaymatrix=\\n00000000:            0       65536           0\\n00000001:       -65536           0           0\\n|rotation=-90';
const headerOf = (lines: readonly string[]) => {
  const collected = collectHeader();
  for (const line of lines) collected.add(line);
  return collected.header(decodes);
};

describe('ffprobe’s answers about a header', () => {
  test.each<[string, string[]]>([
    [
      'before ffmpeg 7, which gives the second thing beside a track a line of its own',
      [`${track}|side_data|side_data_type=DOVI configuration record`, `side_data|side_data_type=Display Matrix|${matrix}`],
    ],
    [
      'since ffmpeg 7, which names each by its kind',
      [
        `${track}|side_datum/dovi_configuration_record:side_data_type=DOVI configuration record|side_datum/display_matrix:side_data_type=Display Matrix|${matrix
          .split('|')
          .map((field) => `side_datum/display_matrix:${field}`)
          .join('|')}`,
      ],
    ],
  ])('are read as they were %s', (_what, lines) => {
    expect(headerOf(['packet|stream_index=0|flags=K_|side_data|', ...lines, 'format|duration=2.5']).video).toMatchObject({
      rotation: 90,
      isTurned: true,
      hdr: 'dv',
      upright: { width: 720, height: 1280 },
    });
  });

  test('unknown values are dropped, and a track in two programmes is listed once', () => {
    const sound = 'stream|index=1|codec_name=aac|codec_type=audio|channels=2|sample_rate=48000|start_time=N/A|profile=unknown';
    const header = headerOf([`stream|index=0|codec_type=audio|codec_name=apac`, sound, sound, 'format|duration=N/A']);
    expect(header).toMatchObject({ video: null, audio: { index: 1, start: null, profile: null }, saidSeconds: null, tags: [] });
    expect(header.unread).toEqual([{ index: 0, type: 'audio', codec: 'apac' }]);
  });

  test.each<[string, string]>([
    ['before ffmpeg 7', 'side_data|side_data_type=DOVI configuration record|dv_profile=5|dv_bl_signal_compatibility_id=0'],
    [
      'since ffmpeg 7',
      'side_datum/dovi_configuration_record:side_data_type=DOVI configuration record|side_datum/dovi_configuration_record:dv_profile=5|side_datum/dovi_configuration_record:dv_bl_signal_compatibility_id=0',
    ],
  ])('Dolby Vision without a picture for other decoders cannot be read here, and is named: %s', (_when, dolby) => {
    const header = headerOf([`${track.replace('arib-std-b67', 'unknown')}|${dolby}`, 'format|duration=2.5']);
    expect(header).toMatchObject({ video: null, unread: [{ index: 0, type: 'video', codec: 'Dolby Vision of profile 5' }] });
    expect(headerOf([`${track}|${dolby.replace('id=0', 'id=4').replace('profile=5', 'profile=8')}`, 'format|duration=2.5'])).toMatchObject({
      video: { hdr: 'dv' },
      unread: [],
    });
  });

  const brands = 'format|duration=2.0|tag:major_brand=isom|tag:minor_version=512|tag:compatible_brands=isomiso2avc1mp41';
  test.each<[string, string[]]>([
    ['an MP4 by 5.1', [`${track}|tag:language=und|tag:handler_name=VideoHandler|tag:vendor_id=[0][0][0][0]|tag:encoder=Lavc libx264`, brands]],
    ['an MP4 by 8.1 and 9.0', [`${track}|tag:language=und|tag:handler_name=VideoHandler|tag:encoder=Lavc libx264`, brands]],
    ['a kept MP4 by all of them', [`${track}|tag:language=und|tag:handler_name=VideoHandler`, brands]],
    ['an Ogg', ['stream|index=0|codec_name=opus|codec_type=audio|tag:encoder=Lavc libopus', 'format|duration=2.0']],
    ['an MP3', ['stream|index=0|codec_name=mp3|codec_type=audio', 'format|duration=2.0|tag:encoder=Lavf63.1.102']],
  ])('the tags that ffmpeg writes by itself are no metadata: %s', (_what, lines) => {
    expect(headerOf(lines).tags).toEqual([]);
    const [first = '', ...rest] = lines;
    expect(headerOf([`${first}|tag:title=Somebody at home`, ...rest]).tags).toEqual(['title']);
    expect(headerOf([...rest, `${first}|tag:creation_time=2026-01-01T00:00:00Z`]).tags).toEqual(['creation_time']);
  });
});
