// npm run example <name>: Safelight with a data folder of the example's own, and the example's pages and back end in front of it. Ctrl-C ends both.
import { styleText } from 'node:util';

import { isExample, names, startExample } from './shared/start-example.ts';

const [name = ''] = process.argv.slice(2);
if (!isExample(name)) {
  console.error(`There is no example "${name}". There are: ${names.join(', ')}.`);
  process.exit(1);
}
const stopping = new AbortController();
// The signal may arrive twice: a terminal signals the whole group, and npm passes it on as well. Exiting at the second one would leave Safelight
// running.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
// Another folder than the example's, to run two of them.
const { EXAMPLE_DATA_DIR: dataDir, PORT: port = '0' } = process.env;
const portNumber = Number(port);
// In the words and with the code of Safelight itself, which reads a PORT of its own.
if (!Number.isInteger(portNumber) || portNumber < 0 || portNumber > 65_535) {
  console.error(`PORT is "${port}"; wanted: 0 to 65535; 0 takes a free port.`);
  process.exit(2);
}
const running = await startExample(name, { port: portNumber, signal: stopping.signal, ...(dataDir === undefined ? {} : { dataDir }) }).catch(
  (error: unknown) => {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    console.error(
      isTaken ? `Something else listens at port ${port}. Name another one in PORT, or leave PORT out.` : error instanceof Error ? error.message : error,
    );
    process.exit(1);
  },
);
console.log(`${name} is at ${styleText('bold', running.url)}`);
if (!stopping.signal.aborted) await Promise.race([new Promise((resolve) => stopping.signal.addEventListener('abort', resolve)), running.ended]);
await running.stop();
process.exit(stopping.signal.aborted ? 0 : 1);
