import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { compareKeys } from '../compare-keys.ts';
import { runLimited } from '../run-limited.ts';
import type { Store } from '../store.ts';
import { everyKey, readAll, seeded } from '../conformance-objects.ts';
import { storeConformance } from '../store-conformance.ts';
import { openFilesystemStore } from './open-filesystem-store.ts';
import { walkKeys } from './walk-keys.ts';

const png = { contentType: 'image/png' };
const openAt = (root: string): Promise<Store> => openFilesystemStore({ provider: 'filesystem', location: 'main', root });
const leftovers = async (root: string): Promise<string[]> => readdir(join(root, '.safelight', 'temporary'));

storeConformance('the filesystem store', async () => openAt(await temporaryDirectory()));

describe('the filesystem store', () => {
  test('keeps objects where a person would look for them', async () => {
    const root = await temporaryDirectory();
    const store = await openAt(root);
    await store.put('media/anna/1/photo.png', Buffer.from('photo'), png);
    expect(await readFile(join(root, 'media/anna/1/photo.png'), 'utf8')).toBe('photo');
    expect(await readFile((await store.localPath?.('media/anna/1/photo.png')) ?? '', 'utf8')).toBe('photo');
    await expect(store.localPath?.('../outside')).rejects.toThrow('".."');
  });

  test('gives an object its name before it tells the path, or sends it', async () => {
    const store = await openAt(await temporaryDirectory());
    for (const key of ['a/1/photo.png', 'a/2/photo.png']) await store.unnamed?.put(key, [Buffer.from('photo')], png);
    expect(await readFile((await store.localPath?.('a/1/photo.png')) ?? '', 'utf8')).toBe('photo');
    const sent = new PassThrough();
    await store.send?.('a/2/photo.png', () => sent);
    expect((await buffer(sent)).toString()).toBe('photo');
  });

  test('finds what has no name yet from another process, under any key', async () => {
    const root = await temporaryDirectory();
    const [writer, reader] = [await openAt(root), await openAt(root)];
    const keys = ['plain', 'a/b%2Fc', 'a/%', '.safelight/unnamed/x', 'ä/"<b>|?*:.png', `deep/${'d'.repeat(200)}`];
    for (const key of keys) await writer.unnamed?.put(key, [Buffer.from(key)], png);
    expect((await reader.unnamed?.list())?.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
    for (const key of keys) expect((await readAll(reader, key))?.toString()).toBe(key);
    expect(await everyKey(writer, '')).toEqual(keys.toSorted(compareKeys));
  });

  test('writes large bytes that came in pieces, and refuses too many of them', async () => {
    const store = await openAt(await temporaryDirectory());
    const bytes = seeded(3_000_000);
    const pieces = [bytes.subarray(0, 10), bytes.subarray(10, 1_900_000), bytes.subarray(1_900_000)];
    expect(await store.unnamed?.put('a', pieces, png)).toMatchObject({ bytes: bytes.length, sha256: hash('sha256', bytes), crc32: crc32(bytes) });
    expect((await readAll(store, 'a'))?.equals(bytes)).toBe(true);
    await expect(store.unnamed?.put('b', pieces, { ...png, bytes: bytes.length - 1 })).rejects.toMatchObject({ code: 'upload_incomplete' });
    expect(await everyKey(store, '')).toEqual(['a']);
  });

  test('leaves no temporary file, however a put ends', async () => {
    const root = await temporaryDirectory();
    const store = await openAt(root);
    await store.put('a', seeded(3_000_000), png);
    await store.put('a', seeded(10), { ...png, ifAbsent: true }).catch(() => undefined);
    await store.put('b', seeded(10), { ...png, bytes: 11 }).catch(() => undefined);
    await store.copy('a', 'c');
    await store.copy('a', 'c');
    await store.copy('a', 'c', { ifAbsent: true }).catch(() => undefined);
    await store.check();
    expect(await leftovers(root)).toEqual([]);
    expect(await everyKey(store, '')).toEqual(['a', 'c']);
  });

  test('never reaches outside its root through a symbolic link', async () => {
    const [root, outside] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(outside, 'secret'), 'secret');
    const store = await openAt(root);
    await symlink(outside, join(root, 'folder'));
    await symlink(join(outside, 'secret'), join(root, 'link'));
    for (const key of ['link', 'folder/secret']) {
      await expect(store.get(key)).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(store.head(key)).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(store.copy(key, 'copied')).rejects.toMatchObject({ code: 'invalid_request' });
    }
    await expect(store.put('folder/new', Buffer.from('x'), png)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(store.put('folder/deep/new', Buffer.from('x'), png)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(store.list({ prefix: 'folder/' })).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await store.delete(['folder/secret'])).toMatchObject({ deleted: [], failed: [{ key: 'folder/secret' }] });
    expect(await everyKey(store, '')).toEqual([]);
    expect(await readdir(outside)).toEqual(['secret']);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  test('reports an object that would have to be a folder too', async () => {
    const store = await openAt(await temporaryDirectory());
    await store.put('a/b', Buffer.from('x'), png);
    await expect(store.put('a', Buffer.from('x'), png)).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.put('a', Buffer.from('x'), { ...png, ifAbsent: true })).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.put('a/b/c', Buffer.from('x'), png)).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.get('a')).toBeNull();
    expect(await store.head('a')).toBeNull();
    expect(await store.get('a/b/c')).toBeNull();
    expect((await store.delete(['a', 'a/b/c'])).deleted.toSorted()).toEqual(['a', 'a/b/c']);
    expect(await everyKey(store, '')).toEqual(['a/b']);
  });

  test('keeps its own files apart from an object with their name', async () => {
    const root = await temporaryDirectory();
    const store = await openAt(root);
    await store.put('.safelight/temporary/x', Buffer.from('mine'), png);
    expect((await readAll(store, '.safelight/temporary/x'))?.toString()).toBe('mine');
    expect(await leftovers(root)).toEqual([]);
    expect(await everyKey(store, '')).toEqual(['.safelight/temporary/x']);
  });

  test('removes empty folders, and never the root or a folder in use', async () => {
    const root = await temporaryDirectory();
    const store = await openAt(root);
    await store.put('a/b/c/1', Buffer.from('x'), png);
    await store.put('a/2', Buffer.from('x'), png);
    await store.delete(['a/b/c/1']);
    expect(await readdir(join(root, 'a'))).toEqual(['2']);
    await store.delete(['a/2']);
    expect(await readdir(root)).toEqual(['.safelight']);
  });

  test('loses no object if its folder is pruned during the put', async () => {
    const store = await openAt(await temporaryDirectory());
    const rounds = Array.from({ length: 300 }, (_, index) => index);
    await Promise.all([
      runLimited(rounds, 4, async (index) => {
        await store.put(`shared/folder/${index}`, Buffer.from('x'), png);
        if (index % 2 === 0) await store.delete([`shared/folder/${index}`]);
      }),
      runLimited(rounds, 4, async (index) => {
        await store.put(`shared/folder/gone-${index}`, Buffer.from('x'), png);
        await store.delete([`shared/folder/gone-${index}`]);
      }),
    ]);
    const expected = rounds.filter((index) => index % 2 === 1).map((index) => `shared/folder/${index}`);
    expect(await everyKey(store, '')).toEqual(expected.sort(compareKeys));
  });

  test('when it is opened, sweeps the remains of dead writers, and nothing of living ones', async () => {
    const root = await temporaryDirectory();
    await openAt(root);
    const { sweepTemporary, temporaryLeaseMs } = await import('./sweep-temporary.ts');
    const temporary = join(root, '.safelight', 'temporary');
    await writeFile(join(temporary, 'left'), 'half');
    await utimes(join(temporary, 'left'), new Date(0), new Date(0));
    const hidden = { temporary, multipart: join(root, '.safelight', 'multipart'), unnamed: join(root, '.safelight', 'unnamed') };
    const store = { location: 'main', root, ...hidden, knownDirectories: new Set<string>(), durableDirectories: new Set<string>() };
    expect(await sweepTemporary(store)).toBe(0);
    expect(await sweepTemporary(store, Date.now() + temporaryLeaseMs + 1_000)).toBe(1);
    expect(await readdir(temporary)).toEqual([]);
  });

  test('does not mistake a missing disk for an empty store', async () => {
    const root = join(await temporaryDirectory(), 'disk');
    const store = await openAt(root);
    await store.put('a/b', Buffer.from('x'), png);
    await rename(root, `${root}-unmounted`);
    await mkdir(root);
    await expect(store.get('a/b')).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.head('other')).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.list({})).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.delete(['a/b'])).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.put('a/c', Buffer.from('x'), png)).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(store.check()).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await readdir(root)).toEqual([]);
  });

  test('answers a page from any cursor, including one that no page ended with', async () => {
    const store = await openAt(await temporaryDirectory());
    for (const key of ['a/1', 'a/2', 'b', 'c/1']) await store.put(key, Buffer.from('x'), png);
    const after = async (cursor: string): Promise<string[]> => (await store.list({ cursor })).objects.map(({ key }) => key);
    expect(await after('a/1')).toEqual(['a/2', 'b', 'c/1']);
    expect(await after('a/')).toEqual(['a/1', 'a/2', 'b', 'c/1']);
    expect(await after('aa')).toEqual(['b', 'c/1']);
    expect(await after('c/1')).toEqual([]);
  });

  test('closing the store refuses a listing in progress, and later ones', async () => {
    const store = await openAt(await temporaryDirectory());
    await store.put('a', seeded(10), png);
    expect((await store.list({})).objects.map(({ key }) => key)).toEqual(['a']);
    const underWay = store.list({}).then(
      () => 'listed',
      () => 'refused',
    );
    await store.close();
    expect(['listed', 'refused']).toContain(await underWay);
    await expect(store.list({})).rejects.toThrow('closed');
  });

  test('closing the store waits until what nobody waits for has its name', async () => {
    const root = await temporaryDirectory();
    const store = await openAt(root);
    const names = Array.from({ length: 20 }, (_, n) => `later/${n}/file`);
    for (const name of names) await store.unnamed?.put(name, [Buffer.from('words')], { contentType: 'text/plain' });
    for (const name of names) void store.unnamed?.publish(name);
    await store.close();
    expect(await readdir(join(root, '.safelight', 'unnamed'))).toEqual([]);
    expect(await readdir(join(root, 'later'))).toHaveLength(20);
  });

  test('walks a folder larger than its window in order, each key once', async () => {
    const root = await temporaryDirectory();
    const names = Array.from({ length: 500 }, (_, index) => `${(index * 7919) % 500}${index % 3 === 0 ? '/x' : index % 3 === 1 ? '-y' : '.z'}`);
    for (const name of names) {
      await mkdir(join(root, name, '..'), { recursive: true });
      await writeFile(join(root, name), '');
    }
    const expected = [...new Set(names)].sort(compareKeys);
    for (const window of [1, 3, 50, 500, 1_000]) {
      const found = [...walkKeys({ root, prefix: '', after: '', window }, root, '')];
      expect(found.map(({ key }) => key)).toEqual(expected);
    }
  });

  test('holds no descriptor once bodies are read, dropped or aborted', async () => {
    if (process.platform !== 'linux') return expect(process.platform).not.toBe('linux');
    const root = await temporaryDirectory();
    const store = await openAt(root);
    await store.put('big', seeded(500_000), png);
    const open = async (): Promise<number> => (await Promise.all((await readdir('/proc/self/fd')).map(isUnder))).filter(Boolean).length;
    const isUnder = async (descriptor: string): Promise<boolean> => {
      const { readlink } = await import('node:fs/promises');
      return readlink(`/proc/self/fd/${descriptor}`).then(
        (target) => target.startsWith(root),
        () => false,
      );
    };
    const aborter = new AbortController();
    const [read, dropped, aborted] = await Promise.all([store.get('big'), store.get('big'), store.get('big', { signal: aborter.signal })]);
    if (read === null || dropped === null || aborted === null) throw new Error('It was put.');
    aborted.body.on('error', () => undefined);
    expect(await open()).toBe(3);
    await buffer(read.body);
    dropped.body.destroy();
    aborter.abort();
    await expect.poll(open).toBe(0);
  });
});

/** A file system of 1 MB, on machines that can mount one. */
function mountSmallDisk(directory: string): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'safelight-test', directory], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

describe('the filesystem store on a full disk', () => {
  let root: string;
  let reason: string | null = 'not tried';

  beforeAll(async () => {
    root = await temporaryDirectory();
    reason = mountSmallDisk(root);
  });

  afterAll(() => {
    if (reason === null) execFileSync('umount', ['--lazy', root]);
  });

  test('says that it is full, keeps existing objects, and leaves nothing behind', async (test) => {
    if (reason !== null) return test.skip(`a small disk cannot be mounted here: ${reason}`);
    const store = await openAt(root);
    const bytes = seeded(400_000);
    await store.put('kept', bytes, png);
    const big = seeded(900_000);
    const full = { code: 'storage_unavailable', message: expect.stringMatching(/disk.*full.*[Ff]ree/) };
    await expect(store.put('buffer', big, png)).rejects.toMatchObject(full);
    await expect(store.put('stream', () => Readable.from([big, big], { objectMode: false }), png)).rejects.toMatchObject(full);
    await expect(store.put('kept', big, png)).rejects.toMatchObject(full);
    await expect(store.unnamed?.put('unnamed', [big], png)).rejects.toMatchObject(full);
    expect(await store.unnamed?.list()).toEqual([]);
    expect(await leftovers(root)).toEqual([]);
    expect(await everyKey(store, '')).toEqual(['kept']);
    expect((await readAll(store, 'kept'))?.equals(bytes)).toBe(true);
    await rm(join(root, 'kept'));
    await store.put('buffer', big, png);
  });
});
