import { usualTypeName } from '@safelight/contract/type-names';

/** The type of a file, found from its bytes. `kind` is the technical category of an asset of this type. */
export type SniffedType = {
  kind: 'image' | 'video' | 'audio' | 'file';
  mime: string;
  /** The name used in sentences: "a PNG picture". */
  name: string;
  /** Usual file name extensions, without the dot, the preferred one first. */
  extensions: readonly string[];
};

type Row = SniffedType & {
  /** Types of one family differ in details that senders get wrong (brands, codecs), so claiming one for another is honest. */
  family?: 'heif' | 'iso-media' | 'matroska' | 'ogg' | 'zip' | 'tiff' | 'text' | 'ole' | 'mpeg-audio' | 'asf' | 'font';
};

const row = (kind: SniffedType['kind'], mime: string, name: string, extensions: readonly string[], more: Pick<Row, 'family'> = {}): Row => ({
  kind,
  mime,
  name,
  extensions,
  ...more,
});

const rows: readonly Row[] = [
  row('image', 'image/jpeg', 'a JPEG picture', ['jpg', 'jpeg', 'jpe', 'jfif', 'mpo']),
  row('image', 'image/png', 'a PNG picture', ['png', 'apng']),
  row('image', 'image/webp', 'a WebP picture', ['webp']),
  row('image', 'image/gif', 'a GIF picture', ['gif']),
  row('image', 'image/avif', 'an AVIF picture', ['avif', 'avifs']),
  row('image', 'image/heic', 'a HEIC picture', ['heic', 'heics', 'hif'], { family: 'heif' }),
  row('image', 'image/heif', 'a HEIF picture', ['heif', 'heifs', 'hif'], { family: 'heif' }),
  row('image', 'image/tiff', 'a TIFF picture', ['tiff', 'tif'], { family: 'tiff' }),
  row('image', 'image/x-raw', 'a camera raw picture', ['dng', 'nef', 'nrw', 'cr2', 'cr3', 'crw', 'arw', 'orf', 'pef', 'raf', 'rw2', 'srw'], {
    family: 'tiff',
  }),
  row('image', 'image/svg+xml', 'an SVG drawing', ['svg']),
  row('image', 'image/bmp', 'a BMP picture', ['bmp', 'dib']),
  row('image', 'image/x-icon', 'an icon', ['ico', 'cur']),
  row('image', 'image/jxl', 'a JPEG XL picture', ['jxl']),
  row('image', 'image/jp2', 'a JPEG 2000 picture', ['jp2', 'j2k', 'jpx', 'jpf']),
  row('image', 'image/vnd.adobe.photoshop', 'a Photoshop document', ['psd', 'psb']),
  row('image', 'image/x-mvg', 'a drawing script', ['mvg']),

  row('video', 'video/mp4', 'an MP4 video', ['mp4', 'm4v', 'mp4v'], { family: 'iso-media' }),
  row('video', 'video/quicktime', 'a QuickTime video', ['mov', 'qt'], { family: 'iso-media' }),
  row('video', 'video/3gpp', 'a 3GPP video', ['3gp', '3gpp', '3g2'], { family: 'iso-media' }),
  row('video', 'video/webm', 'a WebM video', ['webm'], { family: 'matroska' }),
  row('video', 'video/x-matroska', 'a Matroska video', ['mkv', 'mk3d'], {
    family: 'matroska',
  }),
  row('video', 'video/x-msvideo', 'an AVI video', ['avi']),
  row('video', 'video/mpeg', 'an MPEG video', ['mpg', 'mpeg', 'vob', 'm2v']),
  row('video', 'video/mp2t', 'an MPEG transport stream', ['ts', 'm2ts', 'mts']),
  row('video', 'video/x-flv', 'a Flash video', ['flv']),
  row('video', 'video/x-ms-wmv', 'a Windows Media file', ['wmv', 'wma', 'asf'], {
    family: 'asf',
  }),
  row('video', 'video/ogg', 'an Ogg video', ['ogv'], { family: 'ogg' }),

  row('audio', 'audio/mpeg', 'an MP3 recording', ['mp3', 'mp2', 'mpga'], {
    family: 'mpeg-audio',
  }),
  row('audio', 'audio/mp4', 'an MP4 recording', ['m4a', 'm4b', 'm4r'], { family: 'iso-media' }),
  row('audio', 'audio/webm', 'a WebM recording', ['weba'], { family: 'matroska' }),
  row('audio', 'audio/x-matroska', 'a Matroska recording', ['mka'], { family: 'matroska' }),
  row('audio', 'audio/3gpp', 'a 3GPP recording', ['3ga'], { family: 'iso-media' }),
  row('audio', 'audio/aac', 'an AAC recording', ['aac'], { family: 'mpeg-audio' }),
  row('audio', 'audio/flac', 'a FLAC recording', ['flac']),
  row('audio', 'audio/ogg', 'an Ogg recording', ['ogg', 'oga', 'spx'], { family: 'ogg' }),
  row('audio', 'audio/opus', 'an Opus recording', ['opus'], { family: 'ogg' }),
  row('audio', 'audio/wav', 'a WAV recording', ['wav', 'wave', 'bwf']),
  row('audio', 'audio/aiff', 'an AIFF recording', ['aiff', 'aif', 'aifc']),
  row('audio', 'audio/amr', 'an AMR recording', ['amr']),
  row('audio', 'audio/midi', 'a MIDI file', ['mid', 'midi']),
  row('audio', 'audio/x-caf', 'a Core Audio recording', ['caf']),

  row('file', 'application/pdf', 'a PDF document', ['pdf']),
  row('file', 'application/postscript', 'a PostScript document', ['ps', 'eps', 'ai']),
  row(
    'file',
    'application/zip',
    'a ZIP archive',
    ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub', 'jar', 'apk', 'cbz', 'usdz', '3mf', 'procreate'],
    {
      family: 'zip',
    },
  ),
  row('file', 'application/gzip', 'a gzip archive', ['gz', 'tgz', 'svgz']),
  row('file', 'application/x-bzip2', 'a bzip2 archive', ['bz2']),
  row('file', 'application/x-xz', 'an xz archive', ['xz']),
  row('file', 'application/zstd', 'a Zstandard archive', ['zst']),
  row('file', 'application/x-7z-compressed', 'a 7-Zip archive', ['7z']),
  row('file', 'application/vnd.rar', 'a RAR archive', ['rar', 'cbr']),
  row('file', 'application/x-tar', 'a tar archive', ['tar']),
  row('file', 'application/x-ole-storage', 'an Office document', ['doc', 'xls', 'ppt', 'msi', 'msg'], {
    family: 'ole',
  }),
  row('file', 'application/rtf', 'a rich text document', ['rtf']),
  row('file', 'text/plain', 'a text', ['txt', 'text', 'log', 'md', 'csv'], { family: 'text' }),
  row('file', 'text/html', 'an HTML page', ['html', 'htm', 'xhtml'], { family: 'text' }),
  row('file', 'text/xml', 'an XML document', ['xml', 'xsl', 'rss'], { family: 'text' }),
  row('file', 'application/x-httpd-php', 'a PHP script', ['php', 'phtml'], { family: 'text' }),
  row('file', 'text/x-shellscript', 'a script', ['sh', 'py', 'pl', 'rb'], { family: 'text' }),
  row('file', 'application/vnd.apple.mpegurl', 'a playlist', ['m3u8', 'm3u'], { family: 'text' }),
  row('file', 'application/dash+xml', 'a playlist', ['mpd'], { family: 'text' }),
  row('file', 'text/x-ffconcat', 'a playlist', ['ffconcat', 'concat'], { family: 'text' }),
  row('file', 'application/vnd.microsoft.portable-executable', 'a Windows program', ['exe', 'dll']),
  row('file', 'application/x-executable', 'a program', ['elf', 'dylib']),
  row('file', 'application/x-shockwave-flash', 'a Flash program', ['swf']),
  row('file', 'application/x-ms-shortcut', 'a Windows shortcut', ['lnk']),
  row('file', 'application/wasm', 'a WebAssembly program', ['wasm']),
  row('file', 'application/vnd.sqlite3', 'an SQLite database', ['sqlite', 'sqlite3']),
  row('file', 'font/woff', 'a font', ['woff'], { family: 'font' }),
  row('file', 'font/woff2', 'a font', ['woff2'], { family: 'font' }),
  row('file', 'font/otf', 'a font', ['otf'], { family: 'font' }),
  row('file', 'font/ttf', 'a font', ['ttf', 'ttc'], { family: 'font' }),
  row('file', 'model/gltf-binary', 'a glTF model', ['glb']),
];

const byMime = new Map(rows.map((type) => [type.mime, type]));
/** An extension may belong to several types (`hif`); the first in the table wins. */
const byExtension = new Map(rows.toReversed().flatMap((type) => type.extensions.map((extension) => [extension, type] as const)));

/** The type for a MIME name or one of its aliases; null for unknown names. */
export const typeOfMime = (mime: string): SniffedType | null => byMime.get(usualTypeName(mime)) ?? null;

/**
 * Types whose names and extensions are used for quite different files, so that they claim nothing: `.ts` is TypeScript, a transport stream or a
 * translation, `.ai` is PDF or PostScript, `.doc` and `.xls` are anything that an office program opens, and browsers declare a type by the extension.
 * Extensions with even more meanings (`.key`, `.bin`, `.db`, `.com`, `.sketch`) are in no row.
 */
const ambiguousTypes = new Set(['video/mp2t', 'application/postscript', 'application/x-ole-storage']);

export const isAmbiguous = (mime: string): boolean => ambiguousTypes.has(usualTypeName(mime));

/** The type that a file name claims by its extension; null when it claims no known one. */
export function typeOfFileName(fileName: string): SniffedType | null {
  const extension = /\.([a-z0-9]{1,10})$/.exec(fileName.trim().toLowerCase())?.[1];
  const type = extension === undefined ? undefined : byExtension.get(extension);
  return type === undefined || isAmbiguous(type.mime) ? null : type;
}

/** Whether a file of type `actual` may honestly be declared as `claimed`. */
export function isHonest(actual: SniffedType, claimed: SniffedType): boolean {
  if (actual.mime === claimed.mime) return true;
  const family = byMime.get(claimed.mime)?.family;
  return family !== undefined && (family === byMime.get(actual.mime)?.family || (family === 'text' && isTextual(actual)));
}

/** Whether files of this type are text, even if other programs run, draw or follow them. */
export const isTextual = (type: SniffedType): boolean => byMime.get(type.mime)?.family === 'text' || textualTypes.has(type.mime);
const textualTypes = new Set(['image/svg+xml', 'image/x-mvg', 'application/postscript', 'application/rtf']);
