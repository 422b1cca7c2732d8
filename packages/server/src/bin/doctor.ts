import { defineCommand } from './command.ts';
import type { Finding } from './doctor/finding.ts';
import { counted, table, type Terminal } from './terminal.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Test this installation for real, and say what to do about each finding.',
  details:
    'Shows the resolved configuration with secrets masked and where each value came from; then tests runtime, database, Redis, every store (write, read, range, list, signed URLs over HTTP, delete), decoders, ffmpeg, the malware scanner, the models of providers that have a key, the collector of traces, disk, clock and port.\nExits with 1 when something failed, with 2 when the configuration is bad.',
  options: { cors: { type: 'boolean', purpose: 'Only print the CORS rules that the bucket of uploads needs, for browsers that upload straight to it.' } },
  examples: [
    { args: 'doctor', purpose: 'Before the first start, after a change, or if something seems wrong.' },
    { args: 'doctor --cors', purpose: 'The rules to set at the provider before browsers can upload.' },
    { args: 'doctor --json', purpose: 'For a bug report: contains no secrets.' },
  ],
  async run(call) {
    const [{ loadConfig }, { describeConfiguration }, { examine }] = await Promise.all([
      import('../config.ts'),
      import('./doctor/describe-configuration.ts'),
      import('./doctor/examine.ts'),
    ]);
    const config = await loadConfig(call.env, call.cwd);
    if (call.options.cors === true) {
      const { corsRules } = await import('./doctor/cors-rules.ts');
      const rules = corsRules(config);
      const text =
        rules === null
          ? 'Uploads go through Safelight, which answers browsers itself; no bucket needs rules.'
          : `${JSON.stringify(rules.rules, null, 2)}\n\nFor ${rules.store}: ${rules.how}`;
      return { data: { cors: rules }, text };
    }
    const configuration = await describeConfiguration(call.env, call.cwd);
    const bar = call.terminal.progress('Testing');
    const findings: Finding[] = [];
    for await (const { finding, done, total } of examine(config, call)) {
      findings.push(finding);
      bar.update(done, total);
    }
    bar.clear();
    const failed = findings.filter(({ result }) => result === 'failed').length;
    return { exitCode: failed > 0 ? 1 : 0, data: { ok: failed === 0, findings, configuration }, text: describe(configuration, findings, call.terminal) };
  },
});

function describe(configuration: readonly { name: string; value: string; from: string }[], findings: readonly Finding[], { paint }: Terminal): string {
  const colours = { ok: 'green', warning: 'yellow', failed: 'red' } as const;
  const rows = findings.flatMap(({ check, result, detail, fix }) => [
    [paint(colours[result], result), check, detail],
    ...(fix === undefined ? [] : [['', '', paint('bold', `→ ${fix}`)]]),
  ]);
  const set = configuration.filter(({ from }) => from !== 'not set');
  const unset = configuration.filter(({ from }) => from === 'not set').map(({ name }) => name);
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  const verdict = count('failed') > 0 ? paint('red', `${count('failed')} failed`) : paint('green', 'Nothing failed');
  return [
    `${paint('bold', 'Configuration')}\n${table(
      ['name', 'from', 'value'],
      set.map(({ name, value, from }) => [name, from, value]),
    )}\nNot set: ${unset.join(', ')}.`,
    `${paint('bold', 'Findings')}\n${table(['', '', ''], rows).trimStart()}`,
    `${verdict}, ${counted(count('warning'), 'warning')}, ${count('ok')} fine.`,
  ].join('\n\n');
}
