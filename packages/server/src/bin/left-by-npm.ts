const lookMs = 500;

/**
 * Resolves when the shell in which npm runs a script is gone. When npm is stopped it ends that shell but not its children, so a person who stopped
 * `npm start` would unknowingly leave a server running. Never resolves for a process that npm has not started.
 */
export async function leftByNpm(env: Readonly<Record<string, string | undefined>>): Promise<'stop'> {
  const { promise, resolve } = Promise.withResolvers<'stop'>();
  const shell = process.ppid;
  if (env['npm_lifecycle_event'] !== undefined && process.platform !== 'win32')
    setInterval(() => {
      if (process.ppid !== shell) resolve('stop');
    }, lookMs).unref();
  return await promise;
}
