/** What a file is, told from its bytes. `kind` is the technical category an asset of this type would have. */
export type SniffedType = {
  kind: 'image' | 'video' | 'audio' | 'file';
  mime: string;
  /** For sentences: "a PNG picture". */
  name: string;
  /** Usual file name endings, without the dot, the first one preferred. */
  extensions: readonly string[];
};

type Row = SniffedType & {
  /** Other names under which the same type is declared. */
  aliases?: readonly string[];
  /** Types of one family are told apart by details that senders get wrong (brands, codecs), so a claim of one is no lie about another. */
  family?: 'heif' | 'iso-media' | 'matroska' | 'ogg' | 'zip' | 'tiff' | 'text' | 'ole' | 'mpeg-audio' | 'asf';
};

const row = (kind: SniffedType['kind'], mime: string, name: string, extensions: readonly string[], more: Pick<Row, 'aliases' | 'family'> = {}): Row => ({
  kind,
  mime,
  name,
  extensions,
  ...more,
});

const rows: readonly Row[] = [
  row('image', 'image/jpeg', 'a JPEG picture', ['jpg', 'jpeg', 'jpe', 'jfif', 'mpo'], { aliases: ['image/jpg', 'image/pjpeg', 'image/mpo', 'image/x-mpo'] }),
  row('image', 'image/png', 'a PNG picture', ['png', 'apng'], { aliases: ['image/x-png', 'image/apng', 'image/vnd.mozilla.apng'] }),
  row('image', 'image/webp', 'a WebP picture', ['webp']),
  row('image', 'image/gif', 'a GIF picture', ['gif']),
  row('image', 'image/avif', 'an AVIF picture', ['avif', 'avifs'], { aliases: ['image/avif-sequence'] }),
  row('image', 'image/heic', 'a HEIC picture', ['heic', 'heics', 'hif'], { aliases: ['image/heic-sequence', 'image/x-heic'], family: 'heif' }),
  row('image', 'image/heif', 'a HEIF picture', ['heif', 'heifs', 'hif'], { aliases: ['image/heif-sequence', 'image/x-heif'], family: 'heif' }),
  row('image', 'image/tiff', 'a TIFF picture', ['tiff', 'tif'], { aliases: ['image/x-tiff', 'image/tif'], family: 'tiff' }),
  row('image', 'image/x-raw', 'a camera raw picture', ['dng', 'nef', 'cr2', 'arw', 'orf', 'pef', 'rw2', 'srw'], {
    aliases: ['image/x-adobe-dng', 'image/x-nikon-nef', 'image/x-canon-cr2', 'image/x-sony-arw', 'image/dng'],
    family: 'tiff',
  }),
  row('image', 'image/svg+xml', 'an SVG drawing', ['svg'], { aliases: ['image/svg'] }),
  row('image', 'image/bmp', 'a BMP picture', ['bmp', 'dib'], { aliases: ['image/x-bmp', 'image/x-ms-bmp'] }),
  row('image', 'image/x-icon', 'an icon', ['ico', 'cur'], { aliases: ['image/vnd.microsoft.icon'] }),
  row('image', 'image/jxl', 'a JPEG XL picture', ['jxl']),
  row('image', 'image/jp2', 'a JPEG 2000 picture', ['jp2', 'j2k', 'jpx', 'jpf'], { aliases: ['image/jpx', 'image/jpeg2000'] }),
  row('image', 'image/vnd.adobe.photoshop', 'a Photoshop document', ['psd', 'psb'], { aliases: ['image/psd', 'application/x-photoshop'] }),
  row('image', 'image/x-mvg', 'a drawing script', ['mvg']),

  row('video', 'video/mp4', 'an MP4 video', ['mp4', 'm4v', 'mp4v'], { aliases: ['video/x-m4v', 'application/mp4'], family: 'iso-media' }),
  row('video', 'video/quicktime', 'a QuickTime video', ['mov', 'qt'], { family: 'iso-media' }),
  row('video', 'video/3gpp', 'a 3GPP video', ['3gp', '3gpp', '3g2'], { aliases: ['video/3gpp2', 'audio/3gpp'], family: 'iso-media' }),
  row('video', 'video/webm', 'a WebM video', ['webm'], { aliases: ['audio/webm'], family: 'matroska' }),
  row('video', 'video/x-matroska', 'a Matroska video', ['mkv', 'mk3d', 'mka'], {
    aliases: ['video/matroska', 'audio/x-matroska', 'audio/matroska'],
    family: 'matroska',
  }),
  row('video', 'video/x-msvideo', 'an AVI video', ['avi'], { aliases: ['video/avi', 'video/msvideo', 'video/vnd.avi'] }),
  row('video', 'video/mpeg', 'an MPEG video', ['mpg', 'mpeg', 'vob', 'm2v']),
  row('video', 'video/mp2t', 'an MPEG transport stream', ['ts', 'm2ts', 'mts']),
  row('video', 'video/x-flv', 'a Flash video', ['flv']),
  row('video', 'video/x-ms-wmv', 'a Windows Media file', ['wmv', 'wma', 'asf'], {
    aliases: ['audio/x-ms-wma', 'video/x-ms-asf', 'application/vnd.ms-asf'],
    family: 'asf',
  }),
  row('video', 'video/ogg', 'an Ogg video', ['ogv'], { family: 'ogg' }),

  row('audio', 'audio/mpeg', 'an MP3 recording', ['mp3', 'mp2', 'mpga'], {
    aliases: ['audio/mp3', 'audio/x-mp3', 'audio/mpeg3', 'audio/x-mpeg'],
    family: 'mpeg-audio',
  }),
  row('audio', 'audio/mp4', 'an MP4 recording', ['m4a', 'm4b', 'm4r'], { aliases: ['audio/x-m4a', 'audio/m4a', 'audio/mp4a-latm'], family: 'iso-media' }),
  row('audio', 'audio/aac', 'an AAC recording', ['aac'], { aliases: ['audio/x-aac', 'audio/aacp', 'audio/x-hx-aac-adts'], family: 'mpeg-audio' }),
  row('audio', 'audio/flac', 'a FLAC recording', ['flac'], { aliases: ['audio/x-flac'] }),
  row('audio', 'audio/ogg', 'an Ogg recording', ['ogg', 'oga', 'spx'], { aliases: ['application/ogg', 'audio/vorbis'], family: 'ogg' }),
  row('audio', 'audio/opus', 'an Opus recording', ['opus'], { family: 'ogg' }),
  row('audio', 'audio/wav', 'a WAV recording', ['wav', 'wave', 'bwf'], { aliases: ['audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav'] }),
  row('audio', 'audio/aiff', 'an AIFF recording', ['aiff', 'aif', 'aifc'], { aliases: ['audio/x-aiff'] }),
  row('audio', 'audio/amr', 'an AMR recording', ['amr']),
  row('audio', 'audio/midi', 'a MIDI file', ['mid', 'midi'], { aliases: ['audio/x-midi'] }),
  row('audio', 'audio/x-caf', 'a Core Audio recording', ['caf'], { aliases: ['audio/caf'] }),

  row('file', 'application/pdf', 'a PDF document', ['pdf'], { aliases: ['application/x-pdf'] }),
  row('file', 'application/postscript', 'a PostScript document', ['ps', 'eps', 'ai']),
  row(
    'file',
    'application/zip',
    'a ZIP archive',
    ['zip', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub', 'jar', 'apk', 'cbz', 'usdz', '3mf', 'pages', 'numbers', 'key', 'sketch', 'procreate'],
    {
      aliases: ['application/x-zip-compressed', 'application/x-zip', 'application/epub+zip', 'application/java-archive'],
      family: 'zip',
    },
  ),
  row('file', 'application/gzip', 'a gzip archive', ['gz', 'tgz', 'svgz'], { aliases: ['application/x-gzip'] }),
  row('file', 'application/x-bzip2', 'a bzip2 archive', ['bz2']),
  row('file', 'application/x-xz', 'an xz archive', ['xz']),
  row('file', 'application/zstd', 'a Zstandard archive', ['zst']),
  row('file', 'application/x-7z-compressed', 'a 7-Zip archive', ['7z']),
  row('file', 'application/vnd.rar', 'a RAR archive', ['rar', 'cbr'], { aliases: ['application/x-rar-compressed', 'application/x-rar'] }),
  row('file', 'application/x-tar', 'a tar archive', ['tar']),
  row('file', 'application/x-ole-storage', 'an Office document', ['doc', 'xls', 'ppt', 'msi', 'msg'], {
    aliases: ['application/msword', 'application/vnd.ms-excel', 'application/vnd.ms-powerpoint'],
    family: 'ole',
  }),
  row('file', 'application/rtf', 'a rich text document', ['rtf'], { aliases: ['text/rtf'] }),
  row('file', 'text/html', 'an HTML page', ['html', 'htm', 'xhtml'], { aliases: ['application/xhtml+xml'], family: 'text' }),
  row('file', 'text/xml', 'an XML document', ['xml', 'xsl', 'rss'], { aliases: ['application/xml'], family: 'text' }),
  row('file', 'application/x-httpd-php', 'a PHP script', ['php', 'phtml'], { aliases: ['text/x-php', 'application/x-php'], family: 'text' }),
  row('file', 'text/x-shellscript', 'a script', ['sh', 'py', 'pl', 'rb'], { aliases: ['application/x-sh', 'text/x-python'], family: 'text' }),
  row('file', 'application/vnd.apple.mpegurl', 'a playlist', ['m3u8', 'm3u'], { aliases: ['application/x-mpegurl', 'audio/mpegurl', 'audio/x-mpegurl'] }),
  row('file', 'application/dash+xml', 'a playlist', ['mpd']),
  row('file', 'text/x-ffconcat', 'a playlist', ['ffconcat', 'concat']),
  row('file', 'application/vnd.microsoft.portable-executable', 'a Windows program', ['exe', 'dll', 'scr', 'com', 'sys'], {
    aliases: ['application/x-msdownload', 'application/x-dosexec', 'application/x-msdos-program'],
  }),
  row('file', 'application/x-executable', 'a program', ['elf', 'so', 'bin', 'dylib', 'o'], {
    aliases: ['application/x-elf', 'application/x-sharedlib', 'application/x-mach-binary'],
  }),
  row('file', 'application/wasm', 'a WebAssembly program', ['wasm']),
  row('file', 'application/vnd.sqlite3', 'an SQLite database', ['sqlite', 'sqlite3', 'db'], { aliases: ['application/x-sqlite3'] }),
  row('file', 'font/woff', 'a font', ['woff']),
  row('file', 'font/woff2', 'a font', ['woff2']),
  row('file', 'font/otf', 'a font', ['otf']),
  row('file', 'font/ttf', 'a font', ['ttf', 'ttc']),
  row('file', 'model/gltf-binary', 'a glTF model', ['glb']),
];

const byMime = new Map(rows.flatMap((type) => [type.mime, ...(type.aliases ?? [])].map((mime) => [mime, type] as const)));
/** An ending may belong to several types (`hif`): the first of the table speaks for it. */
const byExtension = new Map(rows.toReversed().flatMap((type) => type.extensions.map((extension) => [extension, type] as const)));

/** The type a MIME name or one of its aliases stands for; null for names not known here. */
export const typeOfMime = (mime: string): SniffedType | null => byMime.get(mime) ?? null;

/** The type a file name ending (without the dot, lower case) stands for; null for endings not known here. */
export const typeOfExtension = (extension: string): SniffedType | null => byExtension.get(extension) ?? null;

/** Whether a file of type `actual` may honestly be declared as `claimed`. */
export function isSameFamily(actual: SniffedType, claimed: SniffedType): boolean {
  if (actual.mime === claimed.mime) return true;
  const family = byMime.get(actual.mime)?.family;
  return family !== undefined && family === byMime.get(claimed.mime)?.family;
}
