let deep: unknown = 'x';
for (let level = 0; level < 2_000; level += 1) deep = [deep];

/** Text that a database, a URL, a header or a human reads differently. */
export const hostileTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'a\udfffb',
  'A'.repeat(3_000),
  'é'.repeat(20_000),
  '👩‍👩‍👧‍👦'.repeat(200),
  '\u202egpj.exe',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  "'; drop table asset; --",
  '${jndi:ldap://a}',
  '<script>alert(1)</script>',
  'a\r\nX-Evil: 1',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '1e309',
  '0x10',
  '-1',
  '9'.repeat(40),
  '2026-13-45T99:99:99Z',
  '00000000-0000-0000-0000-000000000000',
];

/** Values of every other type, and numbers that are too large for a column or a loop. */
export const hostileValues: readonly unknown[] = [
  ...hostileTexts,
  null,
  true,
  false,
  0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  [],
  {},
  [null],
  ['a\0b'],
  { a: { b: '\0' } },
  Array.from({ length: 3_000 }, (_, index) => index),
  deep,
];
