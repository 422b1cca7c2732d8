/** Non-standard names of media types that senders use, and the usual name of each. Phones and older browsers send them every day. */
const otherNames: Record<string, readonly string[]> = {
  'image/jpeg': [
    'image/jpg',
    'image/x-jpeg',
    'image/x-jpg',
    'image/pjpg',
    'application/jpg',
    'application/jpeg',
    'application/x-jpg',
    'image/pjpeg',
    'image/jfif',
    'image/pipeg',
    'image/x-citrix-jpeg',
    'image/mpo',
    'image/x-mpo',
  ],
  'image/png': ['image/x-png', 'image/x-citrix-png', 'image/apng', 'image/vnd.mozilla.apng'],
  'image/webp': ['image/x-webp'],
  'image/gif': ['image/x-gif'],
  'image/avif': ['image/avif-sequence'],
  'image/heic': ['image/heic-sequence', 'image/x-heic'],
  'image/heif': ['image/heif-sequence', 'image/x-heif'],
  'image/tiff': ['image/x-tiff', 'image/tif'],
  'image/x-raw': [
    'image/dng',
    'image/x-adobe-dng',
    'image/x-canon-cr2',
    'image/x-canon-cr3',
    'image/x-canon-crw',
    'image/x-dcraw',
    'image/x-epson-erf',
    'image/x-fuji-raf',
    'image/x-kodak-dcr',
    'image/x-minolta-mrw',
    'image/x-nikon-nef',
    'image/x-nikon-nrw',
    'image/x-olympus-orf',
    'image/x-panasonic-rw2',
    'image/x-pentax-pef',
    'image/x-samsung-srw',
    'image/x-sigma-x3f',
    'image/x-sony-arw',
  ],
  'image/svg+xml': ['image/svg'],
  'image/bmp': ['image/x-bmp', 'image/x-ms-bmp'],
  'image/x-icon': ['image/vnd.microsoft.icon'],
  'image/jp2': ['image/jpx', 'image/jpeg2000'],
  'image/vnd.adobe.photoshop': [
    'image/psd',
    'image/x-psd',
    'image/photoshop',
    'application/psd',
    'application/x-psd',
    'application/photoshop',
    'application/x-photoshop',
  ],
  'video/mp4': ['video/x-m4v', 'application/mp4'],
  'video/3gpp': ['video/3gpp2'],
  'video/mp2t': ['video/vnd.dlna.mpeg-tts', 'video/m2ts', 'model/vnd.mts'],
  'video/quicktime': ['video/x-quicktime'],
  'video/x-matroska': ['video/matroska', 'video/mkv', 'video/x-mkv', 'application/x-matroska'],
  'video/x-msvideo': ['video/avi', 'video/msvideo', 'video/vnd.avi'],
  'video/x-ms-wmv': ['audio/x-ms-wma', 'video/x-ms-asf', 'application/vnd.ms-asf'],
  'audio/mpeg': ['audio/mp3', 'audio/x-mp3', 'audio/mpeg3', 'audio/x-mpeg', 'audio/x-mpeg-3', 'audio/mpg', 'audio/x-mpg'],
  'audio/mp4': ['audio/x-m4a', 'audio/m4a', 'audio/mp4a-latm', 'audio/x-m4b', 'audio/m4b', 'audio/x-m4r', 'audio/x-mp4'],
  'audio/aac': ['audio/x-aac', 'audio/aacp', 'audio/x-hx-aac-adts', 'audio/vnd.dlna.adts'],
  'audio/flac': ['audio/x-flac'],
  'audio/ogg': ['application/ogg', 'audio/x-ogg', 'audio/vorbis', 'audio/x-vorbis+ogg', 'audio/x-flac+ogg', 'audio/x-speex+ogg'],
  'audio/opus': ['audio/x-opus', 'audio/x-opus+ogg'],
  'audio/wav': ['audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav', 'audio/x-w64', 'audio/s-wav'],
  'audio/x-matroska': ['audio/matroska'],
  'audio/aiff': ['audio/x-aiff'],
  'audio/midi': ['audio/x-midi'],
  'audio/x-caf': ['audio/caf'],
  'application/pdf': ['application/x-pdf', 'image/pdf'],
  'application/postscript': [
    'application/eps',
    'application/x-eps',
    'image/eps',
    'image/x-eps',
    'application/illustrator',
    'application/vnd.adobe.illustrator',
  ],
  'font/otf': ['application/x-font-otf', 'application/font-otf', 'application/x-font-opentype', 'application/vnd.ms-opentype', 'font/opentype'],
  'font/ttf': [
    'application/x-font-ttf',
    'application/font-ttf',
    'application/x-font-truetype',
    'application/font-sfnt',
    'application/x-font-sfnt',
    'font/sfnt',
    'font/truetype',
    'font/collection',
  ],
  'font/woff': ['application/font-woff', 'application/x-font-woff'],
  'font/woff2': ['application/font-woff2', 'application/x-font-woff2'],
  'application/zip': ['application/x-zip-compressed', 'application/x-zip', 'application/epub+zip', 'application/java-archive'],
  'application/gzip': ['application/x-gzip'],
  'application/vnd.rar': ['application/x-rar-compressed', 'application/x-rar'],
  'application/x-ole-storage': ['application/msword', 'application/vnd.ms-excel', 'application/vnd.ms-powerpoint'],
  'application/rtf': ['text/rtf'],
  'text/html': ['application/xhtml+xml'],
  'text/xml': ['application/xml'],
  'application/x-httpd-php': ['text/x-php', 'application/x-php'],
  'text/x-shellscript': ['application/x-sh', 'text/x-python'],
  'application/vnd.apple.mpegurl': ['application/x-mpegurl', 'audio/mpegurl', 'audio/x-mpegurl'],
  'application/vnd.microsoft.portable-executable': ['application/x-msdownload', 'application/x-dosexec', 'application/x-msdos-program'],
  'application/x-executable': ['application/x-elf', 'application/x-sharedlib', 'application/x-mach-binary'],
  'application/vnd.sqlite3': ['application/x-sqlite3'],
};

const usualNames = new Map(Object.entries(otherNames).flatMap(([usual, others]) => others.map((other) => [other, usual] as const)));

/** The usual name of a media type, in lower case and without parameters: `image/jpeg` for `image/JPG; q=1`. Unknown names are returned unchanged. */
export function usualTypeName(declared: string): string {
  const name = plainName(declared);
  return usualNames.get(name) ?? name;
}

/** Types that are also instances of another type: a HEIC picture is a HEIF picture, and the two font formats are declared under either name. */
const alsoNamed: Readonly<Record<string, string>> = {
  'image/heic': 'image/heif',
  'audio/opus': 'audio/ogg',
  'audio/webm': 'video/webm',
  'audio/x-matroska': 'video/x-matroska',
  'audio/3gpp': 'video/3gpp',
  'font/ttf': 'font/otf',
  'font/otf': 'font/ttf',
};

/** Whether `accepted` includes a type (exactly, by its major type, or as any type), whatever name it was declared under. */
export function typeMatches(accepted: string, declared: string): boolean {
  const type = usualTypeName(declared);
  const wanted = usualTypeName(accepted);
  return wanted === '*/*' || wanted === type || wanted === alsoNamed[type] || (wanted.endsWith('/*') && type.startsWith(wanted.slice(0, -1)));
}

const plainName = (declared: string): string => declared.split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** What programs send when they do not know the type of a file; these do not count as a declared type. */
const sayNothing = new Set([
  '',
  'application/binary',
  'application/download',
  'application/force-download',
  'application/octet-stream',
  'application/octetstream',
  'application/unknown',
  'application/x-binary',
  'application/x-download',
  'application/x-force-download',
  'application/x-unknown',
  'binary/octet-stream',
  'content/unknown',
  'multipart/form-data',
  'unknown/unknown',
]);

/**
 * The usual name of the type that a sender declares; undefined if it declares nothing: an empty text, a wildcard (`image/*`), a generic type,
 * or an invalid type, such as the `image` of some phones.
 */
export function claimedTypeName(declared: string | null | undefined): string | undefined {
  const name = usualTypeName(declared ?? '');
  return sayNothing.has(name) || name.includes('*') || !/^[^/\s]+\/[^/\s]+$/.test(name) ? undefined : name;
}
