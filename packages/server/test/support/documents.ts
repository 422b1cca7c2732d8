import { zipSync } from 'fflate';
import { degrees, PDFDocument, rgb } from '@cantoo/pdf-lib';

export type DocumentOptions = { pages?: number; size?: [number, number]; turned?: 0 | 90; password?: string };

/** A document whose pages are red at the top and blue at the bottom. */
export async function makePdf({ pages = 1, size = [300, 400], turned = 0, password }: DocumentOptions = {}): Promise<Buffer> {
  const document = await PDFDocument.create();
  for (let index = 0; index < pages; index += 1) {
    const page = document.addPage(size);
    page.drawRectangle({ x: 0, y: 0, width: size[0], height: size[1] / 2, color: rgb(0, 0, 1) });
    page.drawRectangle({ x: 0, y: size[1] / 2, width: size[0], height: size[1] / 2, color: rgb(1, 0, 0) });
    page.setRotation(degrees(turned));
  }
  if (password !== undefined) document.encrypt({ userPassword: password, ownerPassword: password });
  return Buffer.from(await document.save());
}

/** An archive as other programs write it. */
export const makeZip = (files: Record<string, string | Buffer>): Buffer =>
  Buffer.from(zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, new Uint8Array(Buffer.from(content))]))));

/** The smallest book that readers accept. */
export const makeEpub = (cover: Buffer): Buffer =>
  makeZip({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': '<container><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    'OEBPS/book.opf': '<package><manifest><item id="c" href="images/my%20cover.jpg" media-type="image/jpeg" properties="cover-image"/></manifest></package>',
    'OEBPS/images/my cover.jpg': cover,
  });
