import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { allowedAddresses, isHostOrRange } from './allowed-addresses.ts';
import { AddressRefused, checkAddress, guardedRequest, type AddressGuard } from './guarded-request.ts';

const may = (url: string, list: string[], loopback = false): boolean => {
  try {
    checkAddress(new URL(url), allowedAddresses(list, { loopback }));
    return true;
  } catch (cause) {
    if (cause instanceof AddressRefused) return false;
    throw cause;
  }
};

test('a range allows the addresses in it and nothing beside it', () => {
  expect(['10.1.0.1', '10.1.255.255', '10.2.0.0', '192.168.1.1'].map((ip) => may(`http://${ip}/`, ['10.1.0.0/16']))).toEqual([true, true, false, false]);
  expect(['[fd00:1::9]', '[fd00:2::9]'].map((ip) => may(`http://${ip}/`, ['fd00:1::/32']))).toEqual([true, false]);
});

test('a host is one name and one port, not every name that ends with it', () => {
  expect(['http://10.0.0.5/', 'http://10.0.0.5:8080/', 'http://10.0.0.50/'].map((url) => may(url, ['10.0.0.5']))).toEqual([true, false, false]);
  expect(may('http://10.0.0.5:8080/', ['10.0.0.5:8080'])).toBe(true);
});

test('loopback is allowed in development, and metadata services are allowed nowhere', () => {
  expect([may('http://127.0.0.1:9000/', [], true), may('http://[::1]/', [], true), may('http://127.0.0.1/', [])]).toEqual([true, true, false]);
  expect(may('http://169.254.169.254/', ['169.254.0.0/16', '169.254.169.254'], true)).toBe(false);
  expect(may('http://[fd00:ec2::254]/', ['fd00::/8'])).toBe(false);
  expect(['[::ffff:169.254.169.254]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b::100.100.100.200]'].map((ip) => may(`http://${ip}/`, ['::/0', '0.0.0.0/0']))).toEqual([
    false,
    false,
    false,
  ]);
});

test('a name is judged by the addresses that it resolves to, unless the name itself is allowed', async () => {
  const server = http.createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const ask = async (guard: AddressGuard): Promise<number | undefined> => {
    const response = await guardedRequest(new URL(`http://inside.example:${port}/`), {
      guard,
      method: 'POST',
      headers: {},
      signal: new AbortController().signal,
      resolve: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    response.resume();
    return response.statusCode;
  };
  expect(await ask(allowedAddresses([`INSIDE.example:${port}`], { loopback: false }))).toBe(200);
  expect(await ask(allowedAddresses(['127.0.0.0/30'], { loopback: false }))).toBe(200);
  for (const list of [['inside.example'], ['10.0.0.0/8'], [`example:${port}`]])
    await expect(ask(allowedAddresses(list, { loopback: false }))).rejects.toThrow('not a public address');
});

test('only exact hosts and ranges can be listed', () => {
  for (const text of ['10.0.0.0/8', 'fd00::/8', 'hooks.internal', 'hooks.internal:8080', '[fd00::1]:80']) expect(isHostOrRange(text), text).toBe(true);
  for (const text of ['*.internal', 'http://hooks.internal', '10.0.0.0/33', '', 'a/b', 'hooks internal']) expect(isHostOrRange(text), text).toBe(false);
});
