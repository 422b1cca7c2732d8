import { createHash } from 'node:crypto';

import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

import type { Tx } from '../lib/context.ts';
import { readInput } from './read-input.ts';

/** One thing that was created, with its answer. */
export type Made = { what: string; answer: string };
/** Adds to what is kept; throws when another request holds the key by now. */
type Add = (tx: Tx, one: Made) => Promise<void>;

/**
 * The answers for the files of a form, or for the uploads that were to be opened, of a request that broke off or whose server died, kept under its
 * `Idempotency-Key`: a repeat gets the same answers for those, and creates only the others.
 */
export class MadeSoFar {
  readonly #before: Made[];
  readonly #add: Add;

  constructor(before: Made[], add: Add) {
    this.#before = before;
    this.#add = add;
  }

  /** The kept answer for this, once. */
  take<Schema extends z.ZodType>(what: string, answer: Schema): z.output<Schema> | undefined {
    const place = this.#before.findIndex((one) => one.what === what);
    const [made] = place < 0 ? [] : this.#before.splice(place, 1);
    // Another version may have kept another shape; such a file is processed again.
    return made === undefined ? undefined : (readInput(answer, JSON.parse(made.answer)).data ?? undefined);
  }

  /** Keeps the answer for this by the transaction that creates its record. */
  async keepIn(tx: Tx, what: string, answer: object): Promise<void> {
    await this.#add(tx, { what, answer: JSON.stringify(answer) });
  }
}

const ofRequests = new WeakMap<FastifyRequest, MadeSoFar>();
export const keepMadeSoFar = (request: FastifyRequest, made: MadeSoFar): unknown => ofRequests.set(request, made);
/** Undefined for a request without an `Idempotency-Key`. */
export const madeSoFarOf = (request: FastifyRequest): MadeSoFar | undefined => ofRequests.get(request);

/** Identifies one thing to create by all that it is made of: a file of a form by its bytes, its name and its destination. */
export const sameThing = (...facts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(facts)).digest('hex');
