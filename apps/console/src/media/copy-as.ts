import type { Media } from '@safelight/contract/media';

/** The ways in which a record goes into other programs: what the menu says, and what is copied. */
export type Copyable = { name: string; text: string };

const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
const word = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** `origin` is where the server is; addresses of a record may be relative to it. */
export function copiesOf(media: Media, origin: string, apiPrefix: string): Copyable[] {
  const { id, src, hlsSrc, srcSet, width, height, altText, kind } = media;
  const whole = (url: string): string => new URL(url, origin).href;
  const api = whole(`${apiPrefix}/media/${id}`);
  const picture = (): Copyable[] => {
    if (src === null || kind !== 'image') return [];
    const candidates = (srcSet ?? '')
      .split(', ')
      .filter(Boolean)
      .map((one) => {
        const [url = '', size = ''] = one.split(' ');
        return `${whole(url)} ${size}`;
      });
    const sizes = candidates.length === 0 ? '' : ` srcset="${attribute(candidates.join(', '))}" sizes="100vw"`;
    const box = width === null || height === null ? '' : ` width="${width}" height="${height}"`;
    return [{ name: '<img srcset>', text: `<img src="${attribute(whole(src))}"${sizes}${box} alt="${attribute(altText ?? '')}" loading="lazy">` }];
  };
  return [
    { name: 'Id', text: id },
    ...(src === null ? [] : [{ name: 'URL', text: whole(src) }]),
    ...(hlsSrc === null ? [] : [{ name: 'HLS playlist', text: whole(hlsSrc) }]),
    ...picture(),
    { name: 'curl', text: `curl -H "Authorization: Bearer $SAFELIGHT_TOKEN" ${word(api)}` },
    {
      name: 'TypeScript',
      text: `import { createClient } from '@safelight/client';\n\nconst client = createClient({ baseURL: '${origin}', token: process.env.SAFELIGHT_TOKEN });\nconst media = await client.media.read('${id}');`,
    },
  ];
}
