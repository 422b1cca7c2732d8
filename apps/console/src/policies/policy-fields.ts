import type { PolicyRules } from '@safelight/contract/media-rules';

import type { ValueKind } from './human-value.ts';

export type LimitKey = { [Key in keyof PolicyRules]: PolicyRules[Key] extends number | null ? Key : never }[keyof PolicyRules];
export type LimitField = { key: LimitKey; label: string; hint: string; kind: ValueKind; required?: boolean };

/** The limits in the order of the form; empty means none unless one is required. */
export const limitFields: readonly LimitField[] = [
  { key: 'maxBytes', label: 'Maximum file size', hint: 'for example 25 MB', kind: 'bytes', required: true },
  { key: 'batchSize', label: 'Files per request', hint: '1 to 100', kind: 'number', required: true },
  { key: 'maxItems', label: 'Maximum per entity', hint: 'empty: no limit', kind: 'number' },
  { key: 'maxMegapixels', label: 'Maximum megapixels', hint: 'millions of pixels', kind: 'number' },
  { key: 'minWidth', label: 'Minimum width', hint: 'pixels, upright', kind: 'number' },
  { key: 'minHeight', label: 'Minimum height', hint: 'pixels, upright', kind: 'number' },
  { key: 'minAspectRatio', label: 'Narrowest aspect ratio', hint: 'width ÷ height, 0.5 is 1 : 2', kind: 'number' },
  { key: 'maxAspectRatio', label: 'Widest aspect ratio', hint: 'width ÷ height, 2 is 2 : 1', kind: 'number' },
  { key: 'maxDurationMs', label: 'Longest recording', hint: 'for example 30 min', kind: 'ms' },
  { key: 'maxFps', label: 'Maximum frames per second', hint: 'of a video; 1 to 240', kind: 'number', required: true },
  { key: 'maxVideoBitrate', label: 'Maximum bitrate of a video', hint: 'bits per second, for example 20000000; empty: no limit', kind: 'number' },
  { key: 'undoWindowSeconds', label: 'Deletions can be undone for', hint: 'up to 30 days', kind: 'seconds', required: true },
];

const otherLabels: Readonly<Record<string, string>> = {
  acceptedTypes: 'Accepted types',
  requireAudio: 'Videos need sound',
  photoReviewEnabled: 'Review gate',
  photoReviewProvider: 'Reviewer',
};

export const fieldOf = (key: string): LimitField | undefined => limitFields.find((field) => field.key === key);
export const labelOf = (key: string): string => fieldOf(key)?.label ?? otherLabels[key] ?? key;
