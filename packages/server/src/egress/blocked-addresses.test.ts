import { describe, expect, test } from 'vitest';

import { isPublicAddress } from './blocked-addresses.ts';
import { checkImportUrl } from './guarded-fetch.ts';

describe('an address to import from', () => {
  test.each([
    '1.1.1.1',
    '93.184.216.34',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
    '64:ff9b::808:808',
    '64:ff9b::93.184.216.34',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    '127.0.0.1',
    '127.255.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '239.1.1.1',
    '255.255.255.255',
    '240.0.0.1',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b::10.1.2.3',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::',
    '64:ff9b::1:0:7f00:1',
    '64:ff9b:1::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '[::1]',
    'localhost',
    '',
    '1.2.3',
  ])('%j is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

const guard = { allowPrivate: [], allowHosts: [], denyHosts: [] };

describe('the URL of an import', () => {
  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'ftp://example.com/a',
    'gopher://example.com/',
    'data:text/plain,x',
    'http://user:secret@example.com/',
  ])('%s is refused without asking anybody', (url) => {
    expect(() => checkImportUrl(new URL(url), guard)).toThrow(expect.objectContaining({ code: 'import_blocked' }));
  });

  test('is matched as a whole host name by allow and deny lists', () => {
    const listed = { ...guard, allowHosts: ['cdn.example.com'], denyHosts: ['bad.example.com'] };
    expect(() => checkImportUrl(new URL('https://cdn.example.com/a.jpg'), listed)).not.toThrow();
    for (const url of ['https://evilcdn.example.com/', 'https://cdn.example.com.evil.test/', 'https://example.com/', 'https://bad.example.com/']) {
      expect(() => checkImportUrl(new URL(url), listed)).toThrow(expect.objectContaining({ code: 'import_blocked' }));
    }
  });
});
