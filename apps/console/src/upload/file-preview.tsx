import { useEffect, useState } from 'react';

import { describeType } from '../format/describe-type.ts';
import { Icon, type IconName } from '../parts/icon.tsx';

/** The file itself, still on this device; its kind where the browser cannot show it. */
export function FilePreview({ file }: { file: File }) {
  const [url, setURL] = useState<string | null>(null);
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setURL(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  if (file.type.startsWith('image/') && shown) {
    return <span className="file-preview">{url !== null && <img src={url} alt="" onError={() => setShown(false)} />}</span>;
  }
  return (
    <span className="file-preview">
      <Icon name={iconOf(file.type)} />
      <small>{describeType(file.type || extensionOf(file.name))}</small>
    </span>
  );
}

const kindIcons: Readonly<Record<string, IconName>> = { image: 'image', video: 'video', audio: 'audio' };
const iconOf = (type: string): IconName => kindIcons[type.split('/')[0] ?? ''] ?? 'file';
const extensionOf = (name: string): string => /\.(\w{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? 'File';
