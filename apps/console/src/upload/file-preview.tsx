import type { FileSource } from '@safelight/client';
import { useEffect, useRef, useState } from 'react';

import { describeType } from '@safelight/contract/describe-type';
import { Icon, type IconName } from '../parts/icon.tsx';
import { makePreview, previewSide } from './make-preview.ts';

/** The file itself, still on this device; its kind until it is decoded, or where it is not. */
export function FilePreview({ source, name }: { source: FileSource; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const own = new AbortController();
    if (source instanceof Blob)
      void makePreview(source, own.signal).then((picture) => {
        if (picture === null) return;
        const context = canvas.current?.getContext('2d');
        // From the middle, as much as fits.
        context?.drawImage(picture, (previewSide - picture.width) / 2, (previewSide - picture.height) / 2);
        picture.close();
        if (context) setShown(true);
      });
    return () => own.abort();
  }, [source]);
  return (
    <span className="file-preview">
      <canvas ref={canvas} width={previewSide} height={previewSide} hidden={!isShown} aria-hidden="true" />
      {!isShown && (
        <>
          <Icon name={iconOf(source.type ?? '')} />
          <small>{describeType(source.type ? source.type : extensionOf(name))}</small>
        </>
      )}
    </span>
  );
}

const kindIcons: Readonly<Record<string, IconName>> = { image: 'image', video: 'video', audio: 'audio' };
const iconOf = (type: string): IconName => kindIcons[type.split('/')[0] ?? ''] ?? 'file';
const extensionOf = (name: string): string => /\.(\w{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? 'File';
