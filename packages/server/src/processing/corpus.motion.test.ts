import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { engines, recordingCollection, recordingContext, recordingRules, whyNoFfmpeg } from '../../test/support/recordings.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { testDecoders } from '../../test/support/test-decoders.ts';
import { compareDeclaredType } from '../filetypes/compare-declared-type.ts';
import { sniffType } from '../filetypes/sniff.ts';
import { SafelightError } from '../lib/errors.ts';
import { readRecording } from './engine/read-recording.ts';
import type { FactColumns } from './made.ts';
import { withRecording } from './make-recording.ts';

/** The corpus is beside the repository and not part of it: recordings of many phones, and malicious files. */
const corpus = new URL('../../../../../shared/corpus/', import.meta.url);
const why = existsSync(corpus) ? whyNoFfmpeg() : 'the corpus is not here';

type Entry = {
  file: string;
  declared_type: string;
  width: number | null;
  height: number | null;
  frames: number | null;
  decoded_s: number | null;
  expected: { verdict: 'accept' | 'reject'; reason: string | null; also_ok: string[] };
};
const manifest = why === null ? (JSON.parse(readFileSync(new URL('manifest.json', corpus), 'utf8')) as { files: Entry[] }) : { files: [] };
const entries = manifest.files.filter(({ file }) => /^(?:video|audio)\//.test(file) || /^hostile\/.*\.(?:mp4|flac|avi|mov|mp3|mkv|webm)$/.test(file));

const decoders = testDecoders();
const directory = await temporaryDirectory();

/** The types that the policy of the corpus accepts; others are refused before anything reads them. */
const accepted = ['video/mp4', 'video/quicktime', 'video/webm', 'video/x-matroska', 'audio/*'];

async function process(entry: Entry): Promise<{ columns: FactColumns; stream: Buffer; mimeType: string }> {
  const file = fileURLToPath(new URL(entry.file, corpus));
  const head = (await readFile(file)).subarray(0, 65_536);
  const sniffed = sniffType(head);
  const type = sniffed?.mime ?? '';
  const problem = compareDeclaredType(sniffed, { fileName: path.basename(file), contentType: entry.declared_type }, accepted);
  if (problem !== null) throw new SafelightError(problem.code, problem.detail);
  if (!accepted.includes(type) && !type.startsWith('audio/')) throw new SafelightError('unsupported_type', 'It is not accepted.');
  const input = { file, collection: recordingCollection(), rules: recordingRules, mimeType: type, focalPoint: null, digitalSource: null };
  return await withRecording(recordingContext(decoders), input, async ({ columns, files }) => {
    const stream = files.find(({ role }) => role === 'stream');
    if (stream === undefined || !('path' in stream.content)) throw new Error('there is no stream');
    return { columns, stream: await readFile(stream.content.path), mimeType: stream.mimeType };
  });
}

const tell = (text: string | null | undefined): Record<string, unknown> => JSON.parse(text ?? '{}') as Record<string, unknown>;
const reasonsOf: Record<string, unknown> = {
  'video/h264_aac_moov_at_end.mp4': { mode: 'remux' },
  'video/h264_vfr.mp4': { mode: 'remux' },
  'video/h264_ac3_srt.mkv': { audio: 'encode' },
  'hostile/fragmented_duration_lie.mp4': { mode: 'remux' },
};

describe.skipIf(why !== null)(`recordings of many phones${why === null ? '' : ` (${why})`}`, () => {
  test.each(entries.map((entry): [string, Entry] => [entry.file, entry]))('%s gets its verdict', async (_name, entry) => {
    const { verdict, reason, also_ok } = entry.expected;
    if (verdict === 'reject') {
      const refusal: unknown = await process(entry).catch((error: unknown) => error);
      expect([reason, ...also_ok], String(refusal)).toContain(refusal instanceof SafelightError ? refusal.code : 'accepted');
      return;
    }
    const { columns, stream, mimeType } = await process(entry);
    const seconds = (columns.duration_ms ?? 0) / 1000;
    expect(Math.abs(seconds - (entry.decoded_s ?? 0))).toBeLessThan(Math.max(0.1, seconds * 0.02));
    expect(tell(columns.processing)).toMatchObject(reasonsOf[entry.file] ?? {});
    const { engine } = await engines.find();
    if (engine === null) throw new Error('there is no engine');
    await writeFile(path.join(directory, 'stream'), stream);
    const demuxer = mimeType === 'audio/mpeg' ? 'mp3' : 'mov';
    const made = await readRecording(engine, { directory, name: 'stream', demuxer, signal: new AbortController().signal });
    if (entry.width === null) return;
    expect([columns.width, columns.height]).toEqual([entry.width, entry.height]);
    expect([made.video?.upright.width, made.video?.upright.height]).toEqual([entry.width, entry.height]);
    expect(made.video).toMatchObject({ isTurned: false, hdr: 'none' });
    expect(made.videoScan?.packets).toBe(entry.frames);
    if (tell(columns.video)['hdr'] !== 'none') expect(made.video?.colour).toMatchObject({ transfer: 'bt709', primaries: 'bt709', space: 'bt709' });
  });
});
