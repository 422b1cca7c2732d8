/** Types whose usual name is not the subtype. */
const names: Readonly<Record<string, string>> = {
  'image/webp': 'WebP',
  'video/quicktime': 'QuickTime',
  'video/webm': 'WebM',
  'video/x-matroska': 'Matroska',
  'video/x-msvideo': 'AVI',
  'video/x-ms-wmv': 'Windows Media',
  'video/mp2t': 'MPEG-TS',
  'audio/mpeg': 'MP3',
  'audio/mp4': 'M4A',
  'audio/webm': 'WebM',
  'audio/ogg': 'Ogg',
  'text/plain': 'text',
  '*/*': 'any file',
};

/** What stands in the long names of office documents. */
const offices: Readonly<Record<string, string>> = { word: 'Word', excel: 'Excel', sheet: 'Excel', powerpoint: 'PowerPoint', presentation: 'PowerPoint' };

/** A media type as people call it: `image/jpeg` is JPEG, `video/mp4` is MP4, `image/*` is any image. One that only its vendor knows stays as it is. */
export function describeType(type: string): string {
  const [family = '', sub = ''] = type.split('/');
  const [, office = ''] = /(?:ms-|ms|ment\.)(word|excel|powerpoint|sheet|presentation)/.exec(sub.replace('spread', '')) ?? [];
  const name = names[type] ?? offices[office];
  if (name !== undefined) return name;
  if (sub === '*') return `any ${family}`;
  return sub === '' || sub.startsWith('vnd.') ? type : sub.replace(/^x-|\+xml$/g, '').toUpperCase();
}
