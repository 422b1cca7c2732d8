/** Marks the pages of one document and exits. It gets a path and a text, never connections or credentials, and may be killed at any moment. */
import { EncryptedPDFError, PDFArray, PDFDict, PDFDocument, PDFName, rgb, StandardFonts, type PDFPage } from '@cantoo/pdf-lib';
import { readFile } from 'node:fs/promises';

import type { FromStamper, ToStamper } from './stamp-pdf.ts';

process.on('disconnect', () => process.exit(0));
process.once('message', ({ file, text }: ToStamper) => {
  void stamp(file, text)
    .catch((cause: unknown): FromStamper => ({ failure: cause instanceof EncryptedPDFError ? 'encrypted' : 'damaged' }))
    .then((answer) => process.send?.(answer));
});

/** Writes only the changes, which are appended; the existing bytes stay as they are. */
async function stamp(file: string, text: string): Promise<FromStamper> {
  const document = await PDFDocument.load(await readFile(file), { forIncrementalUpdate: true, updateMetadata: false });
  if (document.getPageCount() === 0) return { failure: 'damaged' };
  const snapshot = document.takeSnapshot();
  const font = document.embedStandardFont(StandardFonts.Helvetica);
  for (const page of document.getPages()) {
    ownWhatChanges(page);
    const { x, y, width } = page.getCropBox();
    const size = Math.max(5, Math.min(9, (width * 0.9) / Math.max(1, font.widthOfTextAtSize(text, 1))));
    page.drawText(text, { x: x + width * 0.02, y: y + size, size, font, color: rgb(0.4, 0.4, 0.4), opacity: 0.8 });
    snapshot.markRefForSave(page.ref);
  }
  return { tail: Buffer.from(await document.saveIncremental(snapshot)) };
}

/** Pages share resources with each other and with their parents; the drawing must change nothing but its own page. */
function ownWhatChanges({ node, doc: { context } }: PDFPage): void {
  const resources = node.Resources()?.clone(context) ?? context.obj({});
  for (const name of ['Font', 'ExtGState'].map((text) => PDFName.of(text)))
    resources.set(name, resources.lookupMaybe(name, PDFDict)?.clone(context) ?? context.obj({}));
  node.set(PDFName.of('Resources'), resources);
  const contents = node.Contents();
  if (contents instanceof PDFArray) node.set(PDFName.of('Contents'), contents.clone(context));
}
