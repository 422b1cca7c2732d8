'use client';
/** All texts of the components; numbers and names are arguments. */
export type Labels = {
  choose: string;
  camera: string;
  drop: string;
  files: string;
  uploading: (count: number) => string;
  half: string;
  uploaded: (count: number) => string;
  failed: (name: string, reason: string) => string;
  stateOf: (state: string, percent: number | null) => string;
  waitingFor: (what: 'network' | 'server', message: string) => string;
  resume: (name: string) => string;
  abort: (name: string) => string;
  retry: (name: string) => string;
  remove: (name: string) => string;
  noPreview: string;
  library: string;
  empty: string;
  more: string;
  deleted: (name: string) => string;
  undo: string;
  restored: (name: string) => string;
  madeByAI: string;
  /** On the picture of a video or a sound, such as `Video 0:14`. */
  recording: (kind: string | undefined, length: string) => string;
  play: string;
  stop: string;
  position: string;
  gallery: string;
  reorder: (name: string) => string;
  reorderHint: string;
  grabbed: (name: string, at: number, of: number) => string;
  moved: (name: string, at: number, of: number) => string;
  dropped: (name: string, at: number, of: number) => string;
  cancelled: (name: string) => string;
  moveTo: (name: string) => string;
  prompt: string;
  count: string;
  generate: string;
  generating: string;
  cancel: string;
  made: (count: number) => string;
};

const states: Record<string, string> = {
  'looked-at': 'Checking',
  held: 'Held back',
  waiting: 'Waiting',
  checking: 'Checking',
  uploading: 'Uploading',
  processing: 'Processing',
  done: 'Done',
  failed: 'Failed',
  aborted: 'Stopped',
};

export const english: Labels = {
  choose: 'Choose files',
  camera: 'Take a photo',
  drop: 'or drop them here',
  files: 'Files',
  uploading: (count) => (count === 1 ? 'Uploading one file' : `Uploading ${count} files`),
  half: 'Half done',
  uploaded: (count) => (count === 1 ? 'One file is uploaded' : `${count} files are uploaded`),
  failed: (name, reason) => `${name} failed: ${reason}`,
  stateOf: (state, percent) => `${states[state] ?? state}${percent === null || state === 'done' ? '' : ` ${percent} %`}`,
  waitingFor: (_what, message) => message,
  resume: (name) => `Resume ${name}`,
  abort: (name) => `Stop ${name}`,
  retry: (name) => `Try ${name} again`,
  remove: (name) => `Remove ${name}`,
  noPreview: 'No preview',
  library: 'Media',
  empty: 'Nothing here yet',
  more: 'Load more',
  deleted: (name) => `${name} was deleted.`,
  undo: 'Undo',
  restored: (name) => `${name} is back.`,
  madeByAI: 'AI',
  recording: (kind, length) => `${kind === 'audio' ? 'Sound' : 'Video'} ${length}`,
  play: 'Play',
  stop: 'Pause',
  position: 'Position',
  gallery: 'Gallery',
  reorder: (name) => `Reorder ${name}`,
  reorderHint: 'Space to lift, arrow keys to move, Space to drop, Escape to cancel',
  grabbed: (name, at, of) => `${name} lifted, position ${at} of ${of}.`,
  moved: (name, at, of) => `${name}, position ${at} of ${of}.`,
  dropped: (name, at, of) => `${name} dropped at position ${at} of ${of}.`,
  cancelled: (name) => `${name} is back where it was.`,
  moveTo: (name) => `Move ${name} to`,
  prompt: 'What should it show?',
  count: 'How many',
  generate: 'Generate',
  generating: 'Generating',
  cancel: 'Cancel',
  made: (count) => (count === 1 ? 'One result' : `${count} results`),
};
