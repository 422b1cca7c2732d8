import { useEffect, useState } from 'react';

/**
 * Files that are dropped anywhere on the page or pasted into it. Returns whether some are being dragged over it now.
 * A drop beside the zone would otherwise make the browser leave the page and show the file.
 */
export function useFilesFromPage(onFiles: (files: File[]) => void): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const own = new AbortController();
    // Entering a child tells of leaving its parent, so how deep one is inside has to be counted.
    let depth = 0;
    const listen = <Name extends 'dragenter' | 'dragover' | 'dragleave' | 'drop' | 'paste'>(
      name: Name,
      listener: (event: DocumentEventMap[Name]) => void,
    ): void => document.addEventListener(name, listener, { signal: own.signal });

    listen('dragenter', (event) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      setDragging(true);
    });
    listen('dragover', (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    });
    listen('dragleave', () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setDragging(false);
    });
    listen('drop', (event) => {
      depth = 0;
      setDragging(false);
      if (!holdsFiles(event)) return;
      event.preventDefault();
      onFiles([...(event.dataTransfer?.files ?? [])]);
    });
    listen('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      onFiles(files);
    });
    return () => own.abort();
  }, [onFiles]);
  return dragging;
}

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
