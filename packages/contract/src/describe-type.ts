/** Types whose usual name is not the subtype. */
const names: Readonly<Record<string, string>> = {
  'image/webp': 'WebP',
  'video/quicktime': 'QuickTime',
  'video/x-matroska': 'Matroska',
  'audio/mpeg': 'MP3',
  'audio/mp4': 'M4A',
  '*/*': 'any file',
};

/** A media type as people call it: `image/jpeg` is JPEG, `video/mp4` is MP4, `image/*` is any image. */
export function describeType(type: string): string {
  const name = names[type];
  if (name !== undefined) return name;
  const [family = '', sub = ''] = type.split('/');
  if (sub === '*') return `any ${family}`;
  return sub === '' ? family : sub.replace(/^x-|\+xml$/g, '').toUpperCase();
}
