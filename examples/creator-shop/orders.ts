import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type Notice = { id: string; at: string; text: string };
type Kept = { orders: string[]; notices: Notice[] };

/** The shop's own records, in a file: a real shop has a database. The file is written as a whole, so that it survives a restart of the app. */
export function openBooks(dataDir: string) {
  const file = path.join(dataDir, 'shop.json');
  const read = (): Kept => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Kept;
    } catch {
      return { orders: [], notices: [] };
    }
  };
  const books = read();
  const keep = (): void => {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(books));
    renameSync(`${file}.new`, file);
  };
  return {
    orders: (): readonly string[] => books.orders,
    notices: (): readonly Notice[] => books.notices,
    addOrder(transaction: string): void {
      books.orders.push(transaction);
      keep();
    },
    /** A repeated message is recorded once. */
    addNotice(notice: Notice): void {
      if (books.notices.some(({ id }) => id === notice.id)) return;
      books.notices.push(notice);
      keep();
    },
  };
}
