import { SignJWT } from 'jose';

import { compose, type Parts, type Running } from '../compose.ts';
import { loadConfig, type Config } from '../config.ts';

/** Runs the product in this process until it is told to stop; answers the exit code. */
export async function runServer(parts: Parts): Promise<number> {
  const config = await loadConfig(process.env, process.cwd());
  const stop = stopRequest();
  const running = await compose(config, parts);
  await announce(config, running, parts);
  const why = await Promise.race([stop, running.lost.then(() => 'lost' as const)]);
  if (why === 'lost') running.log.fatal('the embedded database has ended; stopping');
  await running.close();
  return why === 'lost' ? 1 : 0;
}

/** The first signal asks to stop; a second one means now. */
function stopRequest(): Promise<'stop'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      let asked = false;
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve('stop');
      });
    }
  });
}

async function announce(config: Config, { url }: Running, parts: Parts): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (url === null) {
    say('Safelight worker is ready.');
    return;
  }
  say(`Safelight is ready at ${url}`);
  const token = await developmentToken(config);
  say(`Console: ${url}/console${token === null ? '' : `#token=${token}`}`);
  if (token !== null) say(`Development token: ${token}`);
  if (!parts.worker) say('This process serves requests only; start a worker with: safelight worker');
}

/** A token that may do everything: in development only, and only where nobody else can reach the server. */
async function developmentToken(config: Config): Promise<string | null> {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.host);
  if (config.environment.base !== 'development' || !loopback || config.jwt.secret === null) return null;
  const jwt = new SignJWT({ scope: 'media:admin' }).setProtectedHeader({ alg: 'HS256' }).setSubject('developer').setIssuedAt().setExpirationTime('30d');
  if (config.jwt.issuer !== null) jwt.setIssuer(config.jwt.issuer);
  if (config.jwt.audience !== null) jwt.setAudience(config.jwt.audience);
  return await jwt.sign(new TextEncoder().encode(config.jwt.secret));
}
