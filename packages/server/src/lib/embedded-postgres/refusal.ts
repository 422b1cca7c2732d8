/** The embedded database cannot be used as configured, and a retry will not help. The message is for the operator. */
export class EmbeddedPostgresRefusal extends Error {
  override readonly name: string = 'EmbeddedPostgresRefusal';
}

/** Another process uses this data directory. `pid` is undefined when it cannot be seen from here, e.g. in another container. */
export class DataDirInUse extends EmbeddedPostgresRefusal {
  override readonly name = 'DataDirInUse';
  readonly pid: number | undefined;

  constructor(dataDir: string, pid: number | undefined) {
    const who = pid === undefined ? 'a process outside this machine or container' : `process ${pid}`;
    super(
      `The database in ${dataDir} is in use by ${who}. Only one Safelight can run on a data directory: stop that one, give this one another SAFELIGHT_DATA_DIR, or point both at one server with DATABASE_URL.`,
    );
    this.pid = pid;
  }
}
