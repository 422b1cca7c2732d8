'use client';

/** Files that systems leave in folders, and that nobody means to upload. */
const isLitter = ({ name }: File): boolean => name === '.DS_Store' || name === 'Thumbs.db' || name === 'desktop.ini';

/** The dropped files; of a dropped folder, all files below it. Null while folders are read, which `onRead` ends. */
export function droppedFiles({ items, files }: DataTransfer, onRead: (files: File[]) => void): File[] | null {
  // Asked for at once: the items are gone when the event is over.
  const entries = Array.from(items, (item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return [...files];
  void Promise.all(entries.map(filesBelow)).then((found) => onRead(found.flat()));
  return null;
}

/** What cannot be read, such as a folder that is gone, is left out. */
async function filesBelow(entry: FileSystemEntry | null): Promise<File[]> {
  if (entry?.isFile)
    return await new Promise((resolve) =>
      (entry as FileSystemFileEntry).file(
        (file) => resolve(isLitter(file) ? [] : [file]),
        () => resolve([]),
      ),
    );
  if (!entry?.isDirectory) return [];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  // A folder is read a hundred entries at a time.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (batch.length === 0) return found;
    for (const one of batch) found.push(...(await filesBelow(one)));
  }
}
