import { randomBytes, randomUUIDv7 } from 'node:crypto';

declare const brand: unique symbol;
/** A job's id, as a type of its own: an arbitrary string from a client is not one. */
export type JobId = string & { readonly [brand]: 'JobId' };

/** Ids are UUIDv7: time-ordered, so that new rows are appended to their indexes. */
export const newAssetId = (): string => randomUUIDv7();
export const newObjectId = (): string => randomUUIDv7();
export const newUploadId = (): string => randomUUIDv7();
export const newJobId = (): JobId => randomUUIDv7() as JobId;

/** 144 random bits, URL-safe: the name under which an artifact is reachable, and which nobody can guess. */
export const newOpaqueToken = (): string => randomBytes(18).toString('base64url');
export const opaqueTokenLength = 24;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
export const isUuid = (value: string): boolean => uuid.test(value);
