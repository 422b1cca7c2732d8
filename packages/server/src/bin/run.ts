import { version } from '../lib/version.ts';
import { UsageError, type Call, type Command } from './command.ts';
import { loadCommandGroups, loadCommands, loadCommandsOf } from './commands.ts';
import { findCommand, parseCall } from './parse-call.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { writeGroup, writeHelp, writeOverview } from './write-help.ts';

/** Runs one command; returns the exit code: 0 success, 1 failure, 2 bad configuration. */
export async function run(args: readonly string[]): Promise<number> {
  // At any position, so that usage errors are printed as JSON too.
  const terminal = createTerminal({ json: args.includes('--json') });
  // It is no failure when the reader closes the pipe early (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    return await answer(args, terminal);
  } catch (error) {
    // Loaded only after a failure, because it imports every module with errors of its own.
    const { describeFailure } = await import('./describe-failure.ts');
    const { exitCode, stack, ...failure } = describeFailure(error);
    terminal.note(stack ?? failure.message);
    if (terminal.json) await terminal.write(`${JSON.stringify({ error: failure }, null, 2)}\n`);
    return exitCode;
  }
}

async function answer(args: readonly string[], terminal: Terminal): Promise<number> {
  const asked = args.filter((arg) => arg !== '--json');
  const [first] = asked;
  if (first === '--version' || first === '-v') {
    await terminal.write(terminal.json ? `${JSON.stringify({ version, node: process.versions.node })}\n` : `${version}\n`);
    return 0;
  }
  const isHelp = first === 'help' || first === undefined || first === '--help' || first === '-h';
  if (isHelp) return await help(asked.slice(1), terminal);
  const word = args.find((arg) => !arg.startsWith('-')) ?? '';
  const { command, rest } = findCommand((await loadCommandsOf(word)) ?? (await loadCommands()), args);
  const call = parseCall(command, rest);
  if (call.options['help'] === true) return await help(command.name.split(' '), terminal);
  return await execute(command, { ...call, terminal, signal: stopSignal(), env: process.env, cwd: process.cwd() });
}

async function execute(command: Command, call: Call): Promise<number> {
  const { exitCode = 0, data, text } = await command.run(call);
  if (call.terminal.json) {
    if (data !== undefined) await call.terminal.write(`${JSON.stringify(data, null, 2)}\n`);
  } else if (text !== undefined) await call.terminal.write(`${text}\n`);
  return exitCode;
}

async function help(words: readonly string[], terminal: Terminal): Promise<number> {
  const commandGroups = await loadCommandGroups();
  const commands = commandGroups.flatMap((group) => group.commands);
  if (words.length === 0) {
    const data = commands.map(({ name, summary }) => ({ name, summary }));
    await terminal.write(terminal.json ? `${JSON.stringify({ commands: data }, null, 2)}\n` : `${writeOverview(commandGroups, terminal.paint)}\n`);
    return 0;
  }
  const [word = ''] = words;
  const group = words.length === 1 ? commands.filter(({ name }) => name.startsWith(`${word} `)) : [];
  if (group.length > 1) {
    const data = group.map(({ name, summary }) => ({ name, summary }));
    await terminal.write(terminal.json ? `${JSON.stringify({ commands: data }, null, 2)}\n` : `${writeGroup(word, group)}\n`);
    return 0;
  }
  const { command } = findCommand(commands, words);
  const { run: _, ...data } = command;
  await terminal.write(terminal.json ? `${JSON.stringify({ command: data }, null, 2)}\n` : `${writeHelp(command, terminal.paint)}\n`);
  return 0;
}

/** The first signal asks for an orderly stop; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) process.exit(1);
      stopping.abort(new UsageError(`Stopped by ${name}.`));
    });
  }
  return stopping.signal;
}
