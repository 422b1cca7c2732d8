/** A browser's `File`, any `Blob` (`fs.openAsBlob` in Node), or what a React Native picker hands out. */
export type FileSource = Blob | { uri: string; name?: string | undefined; type?: string | undefined };

/** @internal */
export type ReadyFile = { blob: Blob; filename: string };

/** @internal */
export async function readSource(source: FileSource, filename?: string): Promise<ReadyFile> {
  const name = filename ?? ('name' in source && typeof source.name === 'string' && source.name !== '' ? source.name : 'upload');
  if (source instanceof Blob) return { blob: source, filename: name };
  const blob = await (await fetch(source.uri)).blob();
  return { blob: source.type && blob.type !== source.type ? blob.slice(0, blob.size, source.type) : blob, filename: name };
}
