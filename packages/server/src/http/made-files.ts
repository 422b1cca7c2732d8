import { createHash } from 'node:crypto';

import { mediaSchema } from '@safelight/contract/media';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { Tx } from '../lib/context.ts';
import { readInput } from './read-input.ts';

const answer = z.union([z.object({ status: z.literal(201), media: mediaSchema }), z.object({ status: z.literal(202), jobId: z.string(), media: mediaSchema })]);
const made = z.object({ what: z.string(), answer });
/** The answer for a file that was accepted. */
export type MadeAnswer = z.output<typeof answer>;
type Made = z.output<typeof made>;
/** Adds to what is kept; throws when another request holds the key by now. */
type Add = (tx: Tx, one: string) => Promise<void>;

/**
 * The results for the files of a form that broke off, or whose server died, kept under its `Idempotency-Key`: a repeat gets the same answers for those
 * files, and processes only the others.
 */
export class MadeFiles {
  readonly #before: Made[];
  readonly #add: Add;

  constructor(kept: string | null, add: Add) {
    this.#add = add;
    // Another version may have stored another shape; such files are processed again.
    this.#before = (readInput(z.array(z.unknown()), JSON.parse(kept ?? '[]')).data ?? []).flatMap((one) => readInput(made, one).data ?? []);
  }

  /** The kept answer for this file, once. */
  take(what: string): MadeAnswer | undefined {
    const place = this.#before.findIndex((one) => one.what === what);
    if (place < 0) return undefined;
    return this.#before.splice(place, 1)[0]?.answer;
  }

  /** Keeps the answer for this file by the transaction that creates its record. */
  async keepIn(tx: Tx, what: string, given: MadeAnswer): Promise<void> {
    await this.#add(tx, JSON.stringify({ what, answer: given }));
  }
}

const ofRequests = new WeakMap<FastifyRequest, MadeFiles>();
export const keepMadeFiles = (request: FastifyRequest, files: MadeFiles): unknown => ofRequests.set(request, files);
/** Undefined for a request without an `Idempotency-Key`. */
export const madeFilesOf = (request: FastifyRequest): MadeFiles | undefined => ofRequests.get(request);

/** Identifies a file of a form: by its bytes, its name and its destination. */
export const sameFile = (...facts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(facts)).digest('hex');
