import type { FileSource } from '@safelight/client';
import { describeType } from '@safelight/contract/describe-type';
import { FilePreview as Picture } from '@safelight/react/files';

import { Icon, type IconName } from '../parts/icon.tsx';

/** The file itself, still on this device; its kind until it is decoded, or where it is not. */
export const FilePreview = ({ source, name }: { source: FileSource; name: string }) => (
  <Picture className="file-preview" source={source}>
    <Icon name={iconOf(source.type ?? '')} />
    <small>{describeType(source.type ? source.type : extensionOf(name))}</small>
  </Picture>
);

const kindIcons: Readonly<Record<string, IconName>> = { image: 'image', video: 'video', audio: 'audio' };
const iconOf = (type: string): IconName => kindIcons[type.split('/')[0] ?? ''] ?? 'file';
const extensionOf = (name: string): string => /\.(\w{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? 'File';
