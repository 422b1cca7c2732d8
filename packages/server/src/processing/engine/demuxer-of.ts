/** The only ffmpeg demuxer that may open a file of each type. Others might follow references: playlists, other files, addresses. */
const demuxers: Record<string, string> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/3gpp': 'mov',
  'video/webm': 'matroska',
  'video/x-matroska': 'matroska',
  'video/x-msvideo': 'avi',
  'video/mpeg': 'mpeg',
  'video/mp2t': 'mpegts',
  'video/x-flv': 'flv',
  'video/x-ms-wmv': 'asf',
  'video/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'mov',
  'audio/webm': 'matroska',
  'audio/x-matroska': 'matroska',
  'audio/3gpp': 'mov',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/opus': 'ogg',
  'audio/wav': 'wav',
  'audio/aiff': 'aiff',
  'audio/amr': 'amr',
  'audio/x-caf': 'caf',
};

export const demuxerOf = (mimeType: string): string | null => demuxers[mimeType] ?? null;

/** Types that become readable with an engine. */
export const recordingTypes: readonly string[] = Object.keys(demuxers);

/** Formats without a stored length: the one in their header is guessed from the first frames. */
export const saysNoLength = (demuxer: string): boolean =>
  demuxer === 'mp3' || demuxer === 'aac' || demuxer === 'amr' || demuxer === 'mpegts' || demuxer === 'mpeg';
