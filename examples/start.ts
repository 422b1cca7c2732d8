// npm run example <name>: Safelight with a data folder of the example's own, and the example's pages and back end in front of it. Ctrl-C ends both.
import { styleText } from 'node:util';

import { isExample, names, startExample } from './shared/start-example.ts';

const [name = ''] = process.argv.slice(2);
if (!isExample(name)) {
  console.error(`There is no example "${name}". There are: ${names.join(', ')}.`);
  process.exit(1);
}
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort());
const running = await startExample(name, { port: Number(process.env['PORT'] ?? 0), signal: stopping.signal });
console.log(`${name} is at ${styleText('bold', running.url)}`);
if (!stopping.signal.aborted) await Promise.race([new Promise((resolve) => stopping.signal.addEventListener('abort', resolve)), running.ended]);
await running.stop();
process.exit(stopping.signal.aborted ? 0 : 1);
