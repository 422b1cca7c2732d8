import type { Block } from './read-blocks.ts';

const uploaders = `import Uppy from '@uppy/core';
import AwsS3 from '@uppy/aws-s3';
import Tus from '@uppy/tus';
import XHRUpload from '@uppy/xhr-upload';
const uppy = new Uppy();
`;

/** A block as a module that can be compiled: a complete one unchanged, a fragment of the configuration at its place. */
export function writeExample({ text }: Pick<Block, 'text'>): string {
  if (text.startsWith('image: {')) {
    return `import { defineConfig } from '@safelight/server/config';
type Collection = Parameters<typeof defineConfig>[0]['collections'][string];
export const collection: Pick<Collection, 'image'> = {\n${text}};\n`;
  }
  if (/^\w+: /.test(text)) return `import { defineConfig } from '@safelight/server/config';\nexport default defineConfig({ collections: {},\n${text}});\n`;
  const imports = text.includes('uppy.') && !text.includes('new Uppy') ? uploaders : '';
  return `${imports}${text}\nexport {};\n`;
}
