/** One filesystem store, opened: where its objects and its own hidden files lie. */
export type FilesystemRoot = {
  location: string;
  /** Absolute, with every symbolic link resolved. */
  root: string;
  /** Objects that are being written; on the same file system as the objects, so that a rename publishes them. */
  temporary: string;
  /** One directory for each unfinished multipart upload, one file for each growing object. */
  multipart: string;
  /** Whole objects that have no name yet: one file for each, whose name says the key. */
  unnamed: string;
  /** Directories known to be real ones inside the root, so that a busy one is not checked on every call. */
  knownDirectories: Set<string>;
  /** Those of them whose names, up to the root, are on disk. */
  durableDirectories: Set<string>;
};

/** The only top-level name that is not an object's; `fileNames` escapes a key with this name. */
export const hiddenDirectory = '.safelight';
