const lookMs = 500;

/**
 * Resolves when the shell in which npm runs a script is gone. npm that is told to end ends that shell and nothing behind it, and a person who
 * stopped `npm start` would leave a server behind unknowingly. Never resolves for a process that npm has not started.
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
