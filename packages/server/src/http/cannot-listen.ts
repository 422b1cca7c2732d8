const reasons = new Map([
  ['EADDRINUSE', 'another program listens there'],
  ['EACCES', 'this account may not listen there'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOTFOUND', 'there is no host of this name'],
  ['EAI_AGAIN', 'the name of this host could not be looked up'],
]);

/** No server can listen at the configured address. The message says what to change; other errors of the network are about other services. */
export class CannotListen extends Error {
  override name = 'CannotListen';
}

/** Waits for a server to listen; throws {@link CannotListen} with the advice if the address is at fault. */
export async function listening<Begun>(begun: Promise<Begun>, { host, port }: { host: string; port: number }, advice: string): Promise<Begun> {
  try {
    return await begun;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? reasons.get(String(error.code)) : undefined;
    if (reason === undefined) throw error;
    throw new CannotListen(`Cannot listen on ${host}:${port}: ${reason}. ${advice}`, { cause: error });
  }
}

export const adviceForAPI = 'Set HOST or PORT to something else; PORT=0 takes a free port.';
export const adviceForMetrics = 'Set SAFELIGHT_METRICS_LISTEN to another address.';
