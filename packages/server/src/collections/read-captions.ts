import { SafelightError } from '../lib/errors.ts';

const mostCues = 20_000;
/** `1:02:03.456`, `02:03.456`, and with a comma as in SubRip, of which some programs write `0:01:02,5` or `00:01:02`. */
const clock = '(?:(\\d{1,3}):)?([0-5]?\\d):([0-5]\\d)(?:[.,](\\d{1,3}))?';
const timing = new RegExp(`^\\s*${clock}\\s*-->\\s*${clock}(?:\\s+(.*))?$`);

/**
 * Reads captions in WebVTT or SubRip and writes them as plain WebVTT: cues with their times and settings, and nothing else (no styles, which could
 * name other files, no notes, and no HTML tags). Throws `invalid_request` when there is no cue, or one that ends before it begins.
 */
export function readCaptions(text: string): string {
  const blocks = text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll('\0', '\uFFFD')
    .split(/\n[ \t]*\n+/);
  const cues: string[] = [];
  for (const block of blocks) {
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    const first = lines.findIndex((line) => line.includes('-->'));
    if (first === 0 || first === 1) cues.push(...cuesOf(lines.slice(first)));
  }
  if (cues.length === 0) throw unreadable('there is no cue in it');
  if (cues.length > mostCues) throw unreadable(`it has ${cues.length} cues; at most ${mostCues} are allowed`);
  return `WEBVTT\n\n${cues.join('\n\n')}\n`;
}

/** Usually one; where the empty line before the next is missing, its time begins it, or the number before that. */
function cuesOf(lines: readonly string[]): string[] {
  const starts = lines.flatMap((line, at) => (at === 0 || timing.test(line) ? [at] : []));
  return starts.map((at, index) => {
    const next = starts[index + 1] ?? lines.length;
    const isNumbered = next < lines.length && next - 1 > at && /^\s*\d+\s*$/.test(lines[next - 1] ?? '');
    return cueOf(lines[at] ?? '', lines.slice(at + 1, isNumbered ? next - 1 : next));
  });
}

function cueOf(line: string, words: readonly string[]): string {
  const parts = timing.exec(line);
  if (parts === null) throw unreadable(`"${line.trim().slice(0, 80)}" is no time`);
  const [from, to] = [parts.slice(1, 5), parts.slice(5, 9)].map(millisecondsOf);
  if (from === undefined || to === undefined || to < from) throw unreadable(`the cue at "${line.trim().slice(0, 80)}" ends before it begins`);
  const settings = (parts[9] ?? '').split(/\s+/).filter((setting) => /^(?:align|line|position|size|vertical):[\w.,%-]+$/.test(setting));
  // A line with an arrow would be read as the time of another cue, and an empty one would end this one.
  const plain = words.map((text) => plainWords(text.replaceAll('-->', '→'))).filter((text) => text.trim() !== '');
  return [`${timeOf(from)} --> ${timeOf(to)}${settings.length === 0 ? '' : ` ${settings.join(' ')}`}`, ...plain].join('\n');
}

/** The tags of WebVTT: voices, languages, classes and karaoke times. */
const known = /^<(?:\/?(?:b|i|u|c|v|lang|ruby|rt)(?:\.[\p{L}\p{N}_-]+)*|(?:v|lang)(?:\.[\p{L}\p{N}_-]+)*[ \t][^<>=]*|\d{2,3}(?::[0-5]\d){1,2}\.\d{3})>$/u;

/** Players put the text on a page, so foreign tags are removed (SubRip has `<font>` and `{\an8}`), and a lone bracket is escaped. */
const plainWords = (text: string): string =>
  text
    .replaceAll(/\{\\[^{}]*\}/g, '')
    .replaceAll(/<[^<>]*>?|>/g, (part) => (known.test(part) ? part : /^<[/a-z!?][^<>]*>$/i.test(part) ? '' : part.replace('<', '&lt;').replace('>', '&gt;')));

const millisecondsOf = ([hours, minutes, seconds, milliseconds]: (string | undefined)[]): number =>
  ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number((milliseconds ?? '').padEnd(3, '0'));

/** A time as WebVTT writes it. */
function timeOf(milliseconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(milliseconds / 3_600_000)}:${two((milliseconds / 60_000) % 60)}:${two((milliseconds / 1000) % 60)}.${String(milliseconds % 1000).padStart(3, '0')}`;
}

const unreadable = (what: string): SafelightError =>
  new SafelightError('invalid_request', `These captions cannot be read: ${what}. Send a WebVTT or an SRT file.`);
