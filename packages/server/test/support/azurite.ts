import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Microsoft's own emulator of Azure's blob service, on loopback and in memory. */
export type Azurite = { connectionString: string; endpoint: string; stop(): Promise<void> };

/** The account of every Azurite, published by Microsoft. */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export async function startAzurite(): Promise<Azurite> {
  const program = fileURLToPath(import.meta.resolve('azurite/dist/src/blob/main.js'));
  const child = spawn(
    process.execPath,
    [program, '--disableTelemetry', '--skipApiVersionCheck', '--inMemoryPersistence', '--blobHost', '127.0.0.1', '--blobPort', '0'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const address = await new Promise<string>((resolve, reject) => {
    // It keeps reading after the address: a full pipe would stop the emulator.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = /listens on (http:\/\/\S+)/.exec(line)?.[1];
      if (said !== undefined) resolve(said);
    });
    child.once('exit', (code) => reject(new Error(`Azurite ended with ${String(code)} before it was ready.`)));
  });
  const endpoint = `${address}/${account}`;
  return { endpoint, connectionString: connectionString(endpoint), stop };
}

export const connectionString = (endpoint: string): string =>
  `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`;
