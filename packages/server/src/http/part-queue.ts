import type { Readable } from 'node:stream';

import type { SafelightError } from '../lib/errors.ts';

export type FormFile = { fileName: string; contentType: string | null; body: Readable };
export type FormPart = { type: 'file'; file: FormFile } | { type: 'end' };

/** What the parser has found and nobody has asked for yet; or why there is nothing more. */
export class PartQueue {
  readonly #found: FormPart[] = [];
  #waiting: PromiseWithResolvers<FormPart> | null = null;
  #failure: SafelightError | null = null;
  /** The file whose bytes are coming. */
  reading: Readable | null = null;

  push(part: FormPart): void {
    if (this.#failure !== null) return;
    if (this.#waiting === null) this.#found.push(part);
    else this.#waiting.resolve(part);
    this.#waiting = null;
  }

  /** Nothing more is taken, for this reason, behind the files that came before. */
  refuseRest(reason: SafelightError): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    this.#waiting?.reject(reason);
    this.#waiting = null;
  }

  /** Nothing more comes: the file whose bytes were coming fails its reader. */
  fail(error: SafelightError): void {
    this.refuseRest(error);
    this.reading?.destroy(error);
  }

  /** Why the form broke, if it did. */
  get failure(): SafelightError | null {
    return this.#failure;
  }

  async next(): Promise<FormPart> {
    const part = this.#found.shift();
    if (part !== undefined) return part;
    if (this.#failure !== null) throw this.#failure;
    this.#waiting = Promise.withResolvers<FormPart>();
    return await this.#waiting.promise;
  }

  /** Nobody reads what is left. */
  close(): void {
    for (const part of this.#found.splice(0)) if (part.type === 'file') part.file.body.destroy();
    this.reading?.destroy();
  }
}
