/** One filesystem store, opened: where its objects and its own hidden files lie. */
export type FilesystemRoot = {
  location: string;
  /** Absolute, with every symbolic link resolved. */
  root: string;
  /** Objects on their way in; on the same file system as the objects, so that a rename publishes them. */
  temporary: string;
  /** One directory for each unfinished multipart upload, one file for each that grows at its end. */
  multipart: string;
  /** Directories seen to be real ones inside the root, so that a hot one is not looked at for every call. */
  knownDirectories: Set<string>;
};

/** The only name at the top that is not an object's; `fileNames` escapes a key that asks for it. */
export const hiddenDirectory = '.safelight';
