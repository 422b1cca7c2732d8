import type { Problem } from '@safelight/contract/errors';
import type { Grant, GrantFile } from '@safelight/contract/grants';

import { escapeHtml, pageHeaders, writePage } from './page.ts';

export type Page = { html: string; headers: Record<string, string> };

const page = (title: string, main: string): Page => ({
  html: writePage({ title: escapeHtml(title), header: `<h1>${escapeHtml(title)}</h1>`, main }),
  headers: pageHeaders(),
});

/** The page that opens from the link in a buyer's receipt. */
export function purchasePage(grant: Grant): Page {
  const until = grant.expiresAt === null ? '' : `<p>You can download until ${escapeHtml(new Date(grant.expiresAt).toUTCString())}.</p>`;
  const rows = grant.files.map(rowOf).join('');
  const table = `<div class="scroll"><table><thead><tr><th scope="col">File</th><th scope="col">Size</th><th scope="col">Downloads left</th><th scope="col"></th></tr></thead><tbody>${rows}</tbody></table></div>`;
  const all = grant.files.length > 1 ? `<p><a href="${escapeHtml(grant.zipURL)}">Download all as one ZIP file</a></p>` : '';
  return page('Your files', `${until}${table}${all}<p>Keep this address to yourself: whoever has it can download your files.</p>`);
}

function rowOf(file: GrantFile): string {
  const left = file.maxDownloads === null ? 'no limit' : String(Math.max(0, file.maxDownloads - file.downloads));
  const name = escapeHtml(file.fileName);
  return `<tr><td>${name}</td><td>${sizeOf(file.byteSize)}</td><td>${left}</td><td><a href="${escapeHtml(file.url)}" aria-label="Download ${name}">Download</a></td></tr>`;
}

export const refusalPage = ({ title, detail, requestId = '' }: Problem): Page =>
  page(title, `<p>${escapeHtml(detail)}</p><p>Request <code>${escapeHtml(requestId)}</code></p>`);

/** For programs that only preview a link: the purchase itself is shown to the buyer alone. */
export const secretPage = (): Page => page('A purchase', '<p>This address opens files for the person who has bought them.</p>');

function sizeOf(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${new Intl.NumberFormat('en', { maximumFractionDigits: power === 0 ? 0 : 1 }).format(bytes / 1000 ** power)} ${units[power] ?? ''}`;
}
