import { describe, expect, test } from 'vitest';

import { closestName } from '../lib/closest-name.ts';
import { loadCommands, loadCommandsOf } from './commands.ts';
import { findCommand, parseCall } from './parse-call.ts';
import { parsePatterns, parseScopes } from './parse-rights.ts';
import { writeHelp, writeOverview } from './write-help.ts';

const commands = await loadCommands();

const call = (line: string) => {
  const { command, rest } = findCommand(commands, line.split(' '));
  return { name: command.name, ...parseCall(command, rest) };
};
const plain = (_style: unknown, text: string): string => text;

test.each([
  ['storage check --prefix media/ada --json', 'storage check', { prefix: 'media/ada', json: true }, []],
  ['--json storage check', 'storage check', { json: true }, []],
  ['jobs', 'jobs list', {}, []],
  ['jobs --state=failed', 'jobs list', { state: 'failed' }, []],
  ['keys create shop --scope media:read', 'keys create', { scope: 'media:read' }, ['shop']],
  ['policy', 'policy show', {}, []],
  ['doctor -h', 'doctor', { help: true }, []],
  ['jobs show --help', 'jobs show', { help: true }, []],
])('"%s" is understood', (line, name, options, args) => {
  expect(call(line)).toEqual({ name, options: expect.objectContaining(options), arguments: args });
});

test.each([
  ['doctr', 'Did you mean "safelight doctor"?'],
  ['storage chekc', 'Did you mean "safelight storage check"?'],
  ['storage', '"safelight storage repair"'],
  ['frobnicate', 'There is no command "frobnicate". "safelight help"'],
  ['storage check --prefx media', 'Did you mean --prefix?'],
  ['storage check --prefix', 'argument missing'],
  ['jobs --limit -1', 'write --limit=….'],
  ['migrate --check=yes', 'does not take an argument'],
  ['jobs show', '<id> is missing'],
  ['jobs show a b', '"b" is one word too many'],
  ['jobs lst', '"safelight help jobs"'],
])('"%s" is refused with what would be right', (line, sentence) => {
  expect(() => call(line)).toThrow(expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(sentence) }));
});

test('the first word of every command loads its code, and an unknown word loads nothing', async () => {
  for (const command of commands) {
    for (const name of [command.name, ...(command.aliases ?? [])]) expect(await loadCommandsOf(name.split(' ')[0] ?? '')).toContain(command);
  }
  expect(await loadCommandsOf('frobnicate')).toBeUndefined();
  expect(await loadCommandsOf('constructor')).toBeUndefined();
});

describe('rights', () => {
  test('are scopes and patterns, separated in the usual ways', () => {
    expect(parseScopes('media:read, media:write')).toEqual(['media:read', 'media:write']);
    expect(parsePatterns('listing/9f3, artist/*')).toEqual(['listing/9f3', 'artist/*']);
  });
  test.each(['media:raed', '', 'all'])('"%s" is no scope', (text) => expect(() => parseScopes(text)).toThrow(/media:manage/));
  test.each(['listing', 'listing/', '/9f3', 'a/b/c', ''])('"%s" is no pattern', (text) => expect(() => parsePatterns(text)).toThrow(/type\/id or type\/\*/));
});

test('every command has help with its usage, its options and valid examples', () => {
  for (const command of commands) {
    const help = writeHelp(command, plain);
    expect(help).toContain(`Usage  safelight ${command.name}`);
    expect(command.examples.length, command.name).toBeGreaterThan(0);
    for (const { args } of command.examples) expect(call(args.replace(/ > \S+$/, '').replaceAll('"', '')).name).toBe(command.name);
  }
  expect(writeOverview([{ title: 'All', commands }], plain)).toContain('storage repair');
});

test('only a similar name is suggested', () => {
  expect(closestName('serv', ['start', 'serve'])).toBe('serve');
  expect(closestName('wroker', ['start', 'worker'])).toBe('worker');
  expect(closestName('photos', ['start', 'worker'])).toBeNull();
});
