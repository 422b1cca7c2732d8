import { describe, expect, test } from 'vitest';

import { createSigning } from './signing.ts';

const key = (id: string) => ({ id, secret: `${id}-secret-of-at-least-thirty-two-characters` });
const now = new Date('2026-03-01T10:00:00Z');
const later = new Date('2026-03-01T11:00:00Z');

describe('a signature', () => {
  const signing = createSigning([key('k1')]);
  const signature = signing.sign('storage-put', ['upload', 'media/a/b'], later);

  test('is valid for its subject, until it expires', () => {
    expect(signing.verify('storage-put', ['upload', 'media/a/b'], signature, now)).toEqual(later);
    expect(signing.verify('storage-put', ['upload', 'media/a/b'], signature, later)).toBeNull();
  });

  test('is not valid for another purpose, another binding, or bindings that look alike only when joined', () => {
    expect(signing.verify('artifact-preview', ['upload', 'media/a/b'], signature, now)).toBeNull();
    expect(signing.verify('storage-put', ['upload', 'media/a/c'], signature, now)).toBeNull();
    expect(signing.verify('storage-put', ['uploadmedia/a/b'], signature, now)).toBeNull();
    expect(signing.verify('storage-put', ['upload', 'media/a', 'b'], signature, now)).toBeNull();
  });

  test.each(['', 'k1', 'k1.zz', 'k1..', 'k2.abc.def', `${'x'.repeat(5000)}.1.1`])('is refused when malformed: %j', (text) => {
    expect(signing.verify('storage-put', ['upload', 'media/a/b'], text, now)).toBeNull();
  });

  test('has one spelling: other text that decodes to the same bytes opens nothing', () => {
    const proof = signing.derive('grant-access', ['grant', '1']);
    const last = proof.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const others = alphabet
      .split('')
      .filter((letter) => letter !== last)
      .map((letter) => proof.slice(0, -1) + letter);
    for (const spelling of [...others, `${proof}\0`, `${proof}=`, `${proof} `, `${proof}.`])
      expect(signing.isDerived('grant-access', ['grant', '1'], spelling), spelling).toBe(false);
    expect(signing.isDerived('grant-access', ['grant', '1'], proof)).toBe(true);
    for (const spelling of [
      `${signature}\0`,
      `${signature}=`,
      `${signature}.x`,
      signature.replace('.', '.0'),
      signature.replace(/\.(\w+)\./, (_, time: string) => `.${time.toUpperCase()}.`),
    ])
      if (spelling !== signature) expect(signing.verify('storage-put', ['upload', 'media/a/b'], spelling, now), spelling).toBeNull();
  });

  test('cannot be extended', () => {
    const [id, , mac] = signature.split('.');
    const longer = `${id}.${Math.floor(later.getTime() / 1000 + 9999).toString(36)}.${mac}`;
    expect(signing.verify('storage-put', ['upload', 'media/a/b'], longer, now)).toBeNull();
  });

  test('of an older key is valid until that key is retired', () => {
    const rotated = createSigning([key('k2'), key('k1')]);
    expect(rotated.verify('storage-put', ['upload', 'media/a/b'], signature, now)).toEqual(later);
    expect(rotated.sign('storage-put', [], later)).toMatch(/^k2\./);
    expect(createSigning([key('k2')]).verify('storage-put', ['upload', 'media/a/b'], signature, now)).toBeNull();
  });
});
