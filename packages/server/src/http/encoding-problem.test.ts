import { expect, test } from 'vitest';

import { encodingProblem } from './encoding-problem.ts';

const json = '{"altText":"é"}';
const problemOf = (body: Buffer, headers: Record<string, string> = {}) => {
  const problem = encodingProblem({ 'content-type': 'application/json', ...headers }, body);
  return problem === null ? null : [problem.status, problem.detail];
};

test('JSON in UTF-8 has no problem, whatever a client calls plain letters', () => {
  expect(problemOf(Buffer.from(json))).toBeNull();
  expect(problemOf(Buffer.from(json), { 'content-encoding': 'identity' })).toBeNull();
  expect(problemOf(Buffer.from('{}'), { 'content-type': 'application/json; charset=ISO-8859-1' })).toBeNull();
});

test('letters in another encoding are refused rather than stored as other letters', () => {
  expect(problemOf(Buffer.from(json, 'latin1'))).toEqual([400, expect.stringContaining('UTF-8')]);
  expect(problemOf(Buffer.from(json, 'utf16le'), { 'content-type': 'application/json; charset=utf-16' })).toEqual([400, expect.stringContaining('UTF-8')]);
});

test('a compressed body is told that it is compressed, not that its syntax is wrong', () => {
  expect(problemOf(Buffer.from(json), { 'content-encoding': 'gzip' })).toEqual([415, expect.stringContaining('"gzip"')]);
});
