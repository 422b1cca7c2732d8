'use client';
import type { FileSource } from '@safelight/client';
import { useEffect, useRef, useState } from 'react';

import { makePreview, previewSide } from './make-preview.ts';
import { part, withRef, type PartProps } from './part.tsx';

const Frame = part('span', 'file-preview');

export type FilePreviewProps = PartProps<'span'> & {
  /** The chosen file: `source` of an item of `files[]`. */
  source: FileSource;
};

/**
 * A small square picture of a file that is still on this device. Its children, such as an icon, are shown until the picture is decoded, and instead of
 * it if the file is no picture, if this browser cannot decode it, or if decoding it would take too long.
 */
export const FilePreview = withRef(function FilePreview({ source, children, ...props }: FilePreviewProps): React.JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState<FileSource | null>(null);
  useEffect(() => {
    const own = new AbortController();
    if (!('uri' in source))
      void makePreview(source, own.signal).then((picture) => {
        const context = canvas.current?.getContext('2d');
        if (picture && context && !own.signal.aborted) {
          context.clearRect(0, 0, previewSide, previewSide);
          // The middle of the picture; what is outside of the square is cut off.
          context.drawImage(picture, (previewSide - picture.width) / 2, (previewSide - picture.height) / 2);
          setShown(source);
        }
        picture?.close();
      });
    return () => own.abort();
  }, [source]);
  const isShown = shown === source;
  return (
    <Frame data-state={isShown ? 'shown' : 'none'} {...props}>
      <canvas ref={canvas} width={previewSide} height={previewSide} hidden={!isShown} aria-hidden="true" />
      {!isShown && children}
    </Frame>
  );
});
