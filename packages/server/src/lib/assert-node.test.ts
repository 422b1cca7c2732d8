import { expect, test } from 'vitest';
import { assertNode } from './assert-node.ts';

test('accepts the Node that runs the tests, and newer ones', () => {
  expect(() => assertNode()).not.toThrow();
  expect(() => assertNode('27.0.0')).not.toThrow();
});

test('refuses an older Node with what is needed, what was found and what to do', () => {
  expect(() => assertNode('20.19.1')).toThrow(/needs Node 26 or newer, but this is Node 20\.19\.1\. Start it with "npm start"/);
});
