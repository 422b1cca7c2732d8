import { describe, expect, test } from 'vitest';

import { createSseParser } from './sse-parser.ts';

const parse = (...pieces: string[]) => {
  const parser = createSseParser();
  return { messages: pieces.flatMap((piece) => parser.push(piece)), retryMs: parser.retryMs };
};

test('reads id, event and data', () => {
  expect(parse('id: 7\nevent: upload_progress\ndata: {"progress":0.5}\n\n').messages).toEqual([
    { id: '7', event: 'upload_progress', data: '{"progress":0.5}' },
  ]);
});

test('joins several data lines and calls an unnamed event message', () => {
  expect(parse('data: a\ndata:b\ndata\n\n').messages).toEqual([{ id: '', event: 'message', data: 'a\nb\n' }]);
});

test('skips comments, unknown fields and messages without data', () => {
  expect(parse(': heartbeat\n\nevent: lonely\n\nfoo: bar\ndata: x\n\n').messages).toEqual([{ id: '', event: 'message', data: 'x' }]);
});

test('keeps an id for later messages, and ignores one with a NUL', () => {
  expect(parse('id: 1\ndata: a\n\ndata: b\n\nid: 2\0\ndata: c\n\n').messages.map(({ id }) => id)).toEqual(['1', '1', '1']);
});

test('drops a byte order mark, and takes retry in digits only', () => {
  const { messages, retryMs } = parse('\uFEFFretry: 250\nretry: soon\ndata: a\n\n');
  expect(messages).toHaveLength(1);
  expect(retryMs).toBe(250);
});

test('drops an incomplete message at the end of the stream', () => {
  expect(parse('data: a\n').messages).toEqual([]);
});

describe.each([
  ['LF', '\n'],
  ['CR', '\r'],
  ['CRLF', '\r\n'],
])('lines that end in %s', (_name, end) => {
  const text = [`id: 1`, `event: one`, `data: ü`, ``, `: note`, `data: two`, ``, `data: three`, ``, ``].join(end);

  test('reads the same however the stream is split', () => {
    const whole = parse(text, '\n').messages;
    expect(whole.map(({ data }) => data)).toEqual(['ü', 'two', 'three']);
    for (let cut = 1; cut < text.length; cut += 1) {
      expect(parse(text.slice(0, cut), text.slice(cut), '\n').messages).toEqual(whole);
    }
    expect(parse(...text.split(''), '\n').messages).toEqual(whole);
  });
});
