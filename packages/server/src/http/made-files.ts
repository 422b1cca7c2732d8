import { createHash } from 'node:crypto';

import { mediaSchema } from '@safelight/contract/media';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { readInput } from './read-input.ts';

const answer = z.union([z.object({ status: z.literal(201), media: mediaSchema }), z.object({ status: z.literal(202), jobId: z.string(), media: mediaSchema })]);
const made = z.array(z.object({ what: z.string(), answer }));
/** The answer for a file that was accepted. */
export type MadeAnswer = z.output<typeof answer>;
type Made = z.output<typeof made>;

/**
 * The results for the files of a form that broke off, kept under its `Idempotency-Key`: a repeat gets the same answers for those files, and processes
 * only the others.
 */
export class MadeFiles {
  readonly #before: Made;
  readonly #now: Made = [];

  constructor(kept: string | null) {
    // Another version may have stored another shape; then the request starts from nothing.
    this.#before = kept === null ? [] : (readInput(made, JSON.parse(kept)).data ?? []);
  }

  /** The kept answer for this file, once. */
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

  /** Null when no file was processed yet. */
  toKeep(): string | null {
    const all = [...this.#now, ...this.#before];
    return all.length === 0 ? null : JSON.stringify(all);
  }
}

const ofRequests = new WeakMap<FastifyRequest, MadeFiles>();
export const keepMadeFiles = (request: FastifyRequest, files: MadeFiles): unknown => ofRequests.set(request, files);
/** Undefined for a request without an `Idempotency-Key`. */
export const madeFilesOf = (request: FastifyRequest): MadeFiles | undefined => ofRequests.get(request);

/** Identifies a file of a form: by its bytes, its name and its destination. */
export const sameFile = (...facts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(facts)).digest('hex');
