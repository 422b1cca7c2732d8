const names: Readonly<Record<string, string>> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/gif': 'GIF',
  'image/avif': 'AVIF',
  'image/heic': 'HEIC',
  'image/heif': 'HEIF',
  'video/quicktime': 'QuickTime',
  'video/x-matroska': 'Matroska',
  'audio/mpeg': 'MP3',
  '*/*': 'any file',
};

/** A media type as people call it: `image/jpeg` is JPEG, `video/mp4` is MP4, `image/*` is any image. */
export function describeType(type: string): string {
  const name = names[type];
  if (name !== undefined) return name;
  const [family = '', sub = ''] = type.split('/');
  if (sub === '*') return `any ${family}`;
  return sub === '' ? family : sub.replace(/^x-/, '').toUpperCase();
}
