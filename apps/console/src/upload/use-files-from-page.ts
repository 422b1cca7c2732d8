import { useEffect } from 'react';

type FilesFromPage = { /** Null where none are taken. */ onFiles: ((files: File[]) => void) | null; onDragging: (dragging: boolean) => void; pastes: boolean };

/**
 * Files that are dropped anywhere on the page, or pasted into it where it `pastes`, and whether some are being dragged over it. A drop that
 * nobody takes would make the browser leave the page and show the file.
 */
export function useFilesFromPage({ onFiles, onDragging, pastes }: FilesFromPage): void {
  useEffect(() => {
    const own = new AbortController();
    const { signal } = own;
    // Entering a child tells of leaving its parent, so how deep one is inside has to be counted.
    let depth = 0;
    const to = (next: number): void => {
      depth = next;
      onDragging(depth > 0);
    };
    document.addEventListener('dragenter', (event) => holdsFiles(event) && to(depth + 1), { signal });
    document.addEventListener('dragleave', () => to(Math.max(0, depth - 1)), { signal });
    const onDragOver = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = onFiles === null ? 'none' : 'copy';
    };
    document.addEventListener('dragover', onDragOver, { signal });
    const onDrop = (event: DragEvent): void => {
      to(0);
      // A drop zone on the page has taken them already.
      if (event.defaultPrevented || !holdsFiles(event)) return;
      event.preventDefault();
      onFiles?.([...(event.dataTransfer?.files ?? [])]);
    };
    document.addEventListener('drop', onDrop, { signal });
    const onPaste = (event: ClipboardEvent): void => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0 || onFiles === null) return;
      event.preventDefault();
      onFiles(files);
    };
    if (pastes) document.addEventListener('paste', onPaste, { signal });
    return () => own.abort();
  }, [onFiles, onDragging, pastes]);
}

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
