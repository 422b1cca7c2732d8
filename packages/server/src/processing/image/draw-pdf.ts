import { PDFiumLibrary, type PDFiumPage } from '@hyzyla/pdfium';

import { corruptMedia } from '../../filetypes/corrupt-media.ts';
import { imageHeader, type ImageHeader } from '../../filetypes/headers/image-header.ts';
import { sniffBytes, sniffType } from '../../filetypes/sniff.ts';
import type { Size } from './plan-outputs.ts';
import type { RawPicture } from './raw-picture.ts';

/** A page has no pixels; previews are made as if from a picture of this size. */
const longestSide = 2048;

export const isPdf = (bytes: Buffer): boolean => sniffType(bytes.subarray(0, sniffBytes))?.mime === 'application/pdf';

/** The first page as a picture. Throws `corrupt_media` when it is damaged, has no page, or needs a password. */
export async function readPdfHeader(bytes: Buffer): Promise<ImageHeader> {
  return await withFirstPage(bytes, async (page) => {
    const { originalWidth: width, originalHeight: height } = page.getOriginalSize();
    const scale = longestSide / Math.max(width, height, 1);
    const [storedWidth, storedHeight] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
    return imageHeader({
      mimeType: 'application/pdf',
      codec: 'pdf',
      storedWidth: storedWidth ?? 1,
      storedHeight: storedHeight ?? 1,
      hasAlpha: false,
      channels: 3,
    });
  });
}

/** Draws the page at the wanted size on white paper. PDFium runs no script of the document and opens nothing that it refers to. */
export async function drawPdf(bytes: Buffer, target: Size): Promise<RawPicture> {
  return await withFirstPage(bytes, async (page) => {
    const { data, width, height } = await page.render({ ...target, render: 'bitmap' });
    return { data: withoutAlpha(data), width, height, channels: 3 };
  });
}

function withoutAlpha(rgba: Uint8Array): Buffer {
  const rgb = Buffer.allocUnsafe((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return rgb;
}

/** Creates a new library instance each time, so that nothing of a hostile document stays in memory for the next one. */
async function withFirstPage<Result>(bytes: Buffer, use: (page: PDFiumPage) => Promise<Result>): Promise<Result> {
  const library = await PDFiumLibrary.init();
  try {
    const document = await library.loadDocument(bytes);
    try {
      return await use(document.getPage(0));
    } finally {
      document.destroy();
    }
  } catch (cause) {
    throw corruptMedia('it is no PDF that can be read without a password, or has no page', cause);
  } finally {
    library.destroy();
  }
}
