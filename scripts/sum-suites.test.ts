import { describe, expect, test } from 'vitest';
import { sumSuite, totalLine, type VitestReport } from './sum-suites.ts';

const ended = (code: number) => ({ name: 'unit', code, seconds: 3 });
const file = (status: string, ...tests: string[]): VitestReport['testResults'][number] => ({
  name: 'a.test.ts',
  status,
  message: status === 'failed' ? 'did not load' : '',
  assertionResults: tests.map((outcome, i) => ({ status: outcome, fullName: `test ${i}` })),
});
const report = (...testResults: VitestReport['testResults']): VitestReport => ({ testResults });

describe('a suite of vitest', () => {
  test('counts its tests', () => {
    expect(sumSuite(ended(1), report(file('passed', 'passed', 'passed', 'skipped'), file('failed', 'failed', 'todo')))).toEqual({
      passed: 2,
      failed: 1,
      skipped: 2,
      failures: ['test 0'],
      flakes: [],
    });
  });

  test('names tests that passed only when they were retried, and what they said before', () => {
    const [retried] = report(file('passed', 'passed', 'passed')).testResults;
    if (retried?.assertionResults[1]) retried.assertionResults[1].meta = { failedBefore: 2, failedWith: 'it was late' };
    expect(sumSuite(ended(0), report(retried ?? file('passed')))).toMatchObject({ passed: 2, failed: 0, flakes: ['test 1\n  it was late'] });
  });

  test.each([
    ['a file did not load', ended(1), report(file('passed', 'passed'), file('failed')), 'a.test.ts: did not load'],
    ['an error outside of all tests ended it', ended(1), report(file('passed', 'passed')), 'ended with exit code 1'],
    ['it was stopped', ended(124), report(file('passed', 'passed')), 'stopped after 3 s'],
    ['no test ran', ended(0), report(), 'no test ran'],
    ['all was skipped', ended(0), report(file('passed', 'skipped')), 'no test ran'],
  ])('fails when %s', (_why, result, given, failure) => {
    expect(sumSuite(result, given)).toMatchObject({ failed: 1, failures: [failure] });
  });
});

test('an error outside of all tests is told with its place', () => {
  const outside = [{ message: 'closed', stack: 'Error: closed\n    at a.test.ts:3' }, { message: 'reset' }];
  const { failed, failures } = sumSuite(ended(1), report(file('passed', 'passed')), outside);
  expect({ failed, failures }).toEqual({ failed: 1, failures: ['ended with exit code 1\n  Error: closed\n    at a.test.ts:3\n  reset'] });
});

test('any other suite is one check, by its exit code', () => {
  expect(sumSuite(ended(0), undefined)).toMatchObject({ passed: 1, failed: 0 });
  expect(sumSuite(ended(137), undefined)).toMatchObject({ passed: 0, failed: 1, failures: ['stopped after 3 s'] });
});

test('the total is one plain line', () => {
  expect(
    totalLine([
      { passed: 2, failed: 0 },
      { passed: 3, failed: 1 },
    ]),
  ).toBe('5 passed, 1 failed');
});
