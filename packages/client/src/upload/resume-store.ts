/** An unfinished upload in parts: what is needed to continue it after a reload. */
export type Resumable = { uploadId: string; partSize: number };

/** Where unfinished uploads are stored, by a fingerprint of the file and its destination. */
export type ResumeStore = {
  read: (fingerprint: string) => Promise<Resumable | undefined>;
  write: (fingerprint: string, begun: Resumable) => Promise<void>;
  remove: (fingerprint: string) => Promise<void>;
};

const databaseName = 'safelight';
const tableName = 'uploads';

/**
 * The browser's own database, which a reload does not empty; undefined where there is none (Node, React Native).
 * @internal
 */
export function browserResumeStore(): ResumeStore | undefined {
  if (typeof indexedDB === 'undefined') return undefined;
  const run = async <T>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await settled(openDatabase());
    try {
      return await settled(act(database.transaction(tableName, mode).objectStore(tableName)));
    } finally {
      database.close();
    }
  };
  return {
    read: (fingerprint) => run('readonly', (table) => table.get(fingerprint) as IDBRequest<Resumable | undefined>),
    write: async (fingerprint, begun) => void (await run('readwrite', (table) => table.put(begun, fingerprint))),
    remove: (fingerprint) => run('readwrite', (table) => table.delete(fingerprint)),
  };
}

function openDatabase(): IDBOpenDBRequest {
  const opening = indexedDB.open(databaseName, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(tableName));
  return opening;
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('The browser could not read what it had kept.')));
  });
