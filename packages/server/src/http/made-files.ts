import { createHash } from 'node:crypto';

import { mediaSchema } from '@safelight/contract/media';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { readInput } from './read-input.ts';

const answer = z.union([z.object({ status: z.literal(201), media: mediaSchema }), z.object({ status: z.literal(202), jobId: z.string(), media: mediaSchema })]);
const made = z.array(z.object({ what: z.string(), answer }));
/** Of a file that was taken. */
export type MadeAnswer = z.output<typeof answer>;
type Made = z.output<typeof made>;

/**
 * What was made of the files of a form that then broke off, kept under its `Idempotency-Key`: the honest repeat answers for them as they
 * were answered for, and makes only the others.
 */
export class MadeFiles {
  readonly #before: Made;
  readonly #now: Made = [];

  constructor(kept: string | null) {
    // What another version kept may be another thing; then nothing is known of before.
    this.#before = kept === null ? [] : (readInput(made, JSON.parse(kept)).data ?? []);
  }

  /** The answer for the same file, once. */
  take(what: string): MadeAnswer | undefined {
    const place = this.#before.findIndex((one) => one.what === what);
    if (place < 0) return undefined;
    const [taken] = this.#before.splice(place, 1);
    if (taken !== undefined) this.#now.push(taken);
    return taken?.answer;
  }

  note(what: string, given: MadeAnswer): void {
    this.#now.push({ what, answer: given });
  }

  /** Null when nothing was made yet. */
  toKeep(): string | null {
    const all = [...this.#now, ...this.#before];
    return all.length === 0 ? null : JSON.stringify(all);
  }
}

const ofRequests = new WeakMap<FastifyRequest, MadeFiles>();
export const keepMadeFiles = (request: FastifyRequest, files: MadeFiles): unknown => ofRequests.set(request, files);
/** Undefined for a request without an `Idempotency-Key`. */
export const madeFilesOf = (request: FastifyRequest): MadeFiles | undefined => ofRequests.get(request);

/** What makes two files of forms the same: their bytes, their name, and where they go. */
export const sameFile = (...facts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(facts)).digest('hex');
