import { describe, expect, test } from 'vitest';

import { checkMediaRules, type FileFacts } from './check-media-rules.ts';

const rules = {
  batchSize: 10,
  maxBytes: 5 * 2 ** 20,
  minWidth: 200,
  minHeight: 100,
  minAspectRatio: 0.5,
  maxAspectRatio: 2,
  maxMegapixels: 12,
  maxDurationMs: 60_000,
  maxItems: null,
  acceptedTypes: ['image/jpeg', 'video/*'],
  undoWindowSeconds: 30,
  photoReviewEnabled: false,
};

describe('a file against the rules of its collection', () => {
  test.each<[string, FileFacts]>([
    ['empty_file', { bytes: 0 }],
    ['file_too_large', { bytes: 5 * 2 ** 20 + 1 }],
    ['unsupported_type', { type: 'image/png' }],
    ['too_many_pixels', { width: 4001, height: 3000 }],
    ['too_small', { width: 199, height: 150 }],
    ['too_small', { width: 200, height: 99 }],
    ['aspect_ratio_out_of_range', { width: 1000, height: 400 }],
    ['aspect_ratio_out_of_range', { width: 400, height: 1000 }],
    ['too_long', { durationMs: 60_001 }],
  ])('is %s for %j', (code, file) => {
    const violation = checkMediaRules(rules, file);
    expect(violation?.code).toBe(code);
    // The sentence contains the limit too.
    expect(violation?.detail).toMatch(/\.$/);
  });

  test('passes unknown facts, and values exactly at the limit', () => {
    expect(checkMediaRules(rules, {})).toBeNull();
    expect(checkMediaRules(rules, { type: 'video/webm', bytes: 5 * 2 ** 20, width: 4000, height: 3000, durationMs: 60_000 })).toBeNull();
  });

  test('accepts a type under other names that clients send', () => {
    for (const type of ['image/jpg', 'image/pjpeg', 'IMAGE/JPEG', 'image/jpeg; charset=binary']) expect(checkMediaRules(rules, { type })).toBeNull();
    expect(checkMediaRules({ ...rules, acceptedTypes: ['image/jpg'] }, { type: 'image/jpeg' })).toBeNull();
    expect(checkMediaRules(rules, { type: 'image/x-png' })?.code).toBe('unsupported_type');
  });

  test('ignores a type that says nothing', () => {
    for (const type of ['', '*/*', 'image/*', 'image', 'undefined', 'multipart/form-data; boundary=x', 'application/octet-stream'])
      expect(checkMediaRules(rules, { type })).toBeNull();
  });

  test('accepts a type by its wider type', () => {
    expect(checkMediaRules({ ...rules, acceptedTypes: ['image/heif'] }, { type: 'image/heic' })).toBeNull();
    expect(checkMediaRules({ ...rules, acceptedTypes: ['image/heic'] }, { type: 'image/heif' })?.code).toBe('unsupported_type');
  });

  test('is limited by what the server can read, if it is a recording', () => {
    const small = { ...rules, acceptedTypes: ['*/*'], maxRecordingBytes: 1000 };
    expect(checkMediaRules(small, { type: 'audio/mpeg', bytes: 1001 })).toMatchObject({ code: 'file_too_large' });
    expect(checkMediaRules(small, { type: 'audio/mpeg', bytes: 1000 })).toBeNull();
    expect(checkMediaRules(small, { type: 'image/jpeg', bytes: 1001 })).toBeNull();
  });

  test.each([
    ['audio/webm;codecs=opus', 'audio/webm'],
    ['audio/webm', 'audio/*'],
    ['audio/webm', 'video/webm'],
    ['audio/x-m4b', 'audio/mp4'],
    ['audio/vnd.dlna.adts', 'audio/aac'],
    ['audio/x-opus+ogg', 'audio/ogg'],
    ['application/x-matroska', 'video/x-matroska'],
  ])('takes a recording that a browser or phone declares as %s where %s is accepted', (type, accepted) => {
    expect(checkMediaRules({ ...rules, acceptedTypes: [accepted] }, { type })).toBeNull();
  });

  test('has no limit where the rules have none', () => {
    const free = {
      ...rules,
      minWidth: null,
      minHeight: null,
      minAspectRatio: null,
      maxAspectRatio: null,
      maxMegapixels: null,
      maxDurationMs: null,
      acceptedTypes: ['*/*'],
    };
    expect(checkMediaRules(free, { type: 'x/y', width: 1, height: 100_000, durationMs: 1e12 })).toBeNull();
  });
});
