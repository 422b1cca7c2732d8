'use client';
export { createFileCheck, type FileCheck } from './file-check.ts';
export { FilePreview, type FilePreviewProps } from './file-preview.tsx';
export { readPictureHeader, type PictureHeader } from './read-picture-header.ts';
