'use client';
import type { PictureHeader } from './read-picture-header.ts';

/** What a browser decodes within a moment. A larger picture has no preview before the server has made one. */
const mostPixels = 52_000_000;
const mostWork = 500_000_000;
const mostStretched = 20;

/** @internal */
export const isQuicklyDecoded = ({ width, height, passes }: PictureHeader): boolean =>
  width * height <= mostPixels && width * height * passes <= mostWork && Math.max(width / height, height / width) <= mostStretched;
