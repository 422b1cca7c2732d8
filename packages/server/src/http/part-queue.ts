import type { Readable } from 'node:stream';

import type { SafelightError } from '../lib/errors.ts';

export type FormFile = { fileName: string; contentType: string | null; body: Readable };
export type FormPart = { type: 'file'; file: FormFile } | { type: 'end' };

/** The parts that the parser has found and nobody has read yet, or the reason why there are no more. */
export class PartQueue {
  readonly #found: FormPart[] = [];
  #waiting: PromiseWithResolvers<FormPart> | null = null;
  #failure: SafelightError | null = null;
  /** The file that is being read. */
  reading: Readable | null = null;

  push(part: FormPart): void {
    if (this.#failure !== null) return;
    if (this.#waiting === null) this.#found.push(part);
    else this.#waiting.resolve(part);
    this.#waiting = null;
  }

  /** Refuses, for this reason, everything after the files that came before. */
  refuseRest(reason: SafelightError): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    this.#waiting?.reject(reason);
    this.#waiting = null;
  }

  /** Ends the form with an error; the reader of the current file gets it too. */
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

  /** Discards what has not been read. */
  close(): void {
    for (const part of this.#found.splice(0)) if (part.type === 'file') part.file.body.destroy();
    this.reading?.destroy();
  }
}
