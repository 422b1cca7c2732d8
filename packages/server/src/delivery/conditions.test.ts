import { describe, expect, test } from 'vitest';

import { isNotModified, rangeApplies, requireSameBytes } from './conditions.ts';

const there = { etag: '"abc"', modifiedAt: new Date('2026-03-01T10:00:00.700Z') };

describe('a conditional request', () => {
  test('is not modified if one of the tags is the same, weak or strong', () => {
    expect(isNotModified({ 'if-none-match': '"x", "abc"' }, there)).toBe(true);
    expect(isNotModified({ 'if-none-match': 'W/"abc"' }, there)).toBe(true);
    expect(isNotModified({ 'if-none-match': '*' }, there)).toBe(true);
  });

  test('follows the tag even if the date says otherwise', () => {
    expect(isNotModified({ 'if-none-match': '"x"', 'if-modified-since': 'Fri, 01 Jan 2027 00:00:00 GMT' }, there)).toBe(false);
  });

  test('compares dates in whole seconds, like the headers', () => {
    expect(isNotModified({ 'if-modified-since': there.modifiedAt.toUTCString() }, there)).toBe(true);
    expect(isNotModified({ 'if-modified-since': 'Sat, 28 Feb 2026 10:00:00 GMT' }, there)).toBe(false);
    expect(isNotModified({ 'if-modified-since': 'yesterday' }, there)).toBe(false);
  });
});

describe('a range that continues an earlier part', () => {
  test('applies only to the same bytes', () => {
    expect(rangeApplies(undefined, there)).toBe(true);
    expect(rangeApplies('"abc"', there)).toBe(true);
    expect(rangeApplies('"other"', there)).toBe(false);
    expect(rangeApplies('W/"abc"', there)).toBe(false);
    expect(rangeApplies(there.modifiedAt.toUTCString(), there)).toBe(true);
    expect(rangeApplies('Sat, 28 Feb 2026 10:00:00 GMT', there)).toBe(false);
  });
});

describe('a request that is meant for certain bytes', () => {
  const asks = (headers: Parameters<typeof requireSameBytes>[0]) => () => requireSameBytes(headers, there);
  const refusal = expect.objectContaining({ code: 'precondition_failed', message: expect.stringContaining('"abc"') });

  test('is answered if these are the bytes', () => {
    for (const match of ['"abc"', '"x", "abc"', '*']) expect(asks({ 'if-match': match })).not.toThrow();
    expect(asks({ 'if-unmodified-since': there.modifiedAt.toUTCString() })).not.toThrow();
    expect(asks({ 'if-unmodified-since': 'yesterday' })).not.toThrow();
    expect(asks({})).not.toThrow();
  });

  test('is refused if they are others, and follows the tag even if the date says otherwise', () => {
    expect(asks({ 'if-match': '"other"' })).toThrow(refusal);
    expect(asks({ 'if-match': '"other"', 'if-unmodified-since': there.modifiedAt.toUTCString() })).toThrow(refusal);
    expect(asks({ 'if-unmodified-since': 'Sat, 28 Feb 2026 10:00:00 GMT' })).toThrow(refusal);
  });
});
