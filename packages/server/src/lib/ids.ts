import { randomBytes, randomUUIDv7 } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type AssetId = Branded<'AssetId'>;
export type ObjectId = Branded<'ObjectId'>;
export type UploadId = Branded<'UploadId'>;
export type JobId = Branded<'JobId'>;

/** Ids are UUIDv7: time-ordered, so that new rows land at the end of their indexes. */
export const newAssetId = (): AssetId => randomUUIDv7() as AssetId;
export const newObjectId = (): ObjectId => randomUUIDv7() as ObjectId;
export const newUploadId = (): UploadId => randomUUIDv7() as UploadId;
export const newJobId = (): JobId => randomUUIDv7() as JobId;

/** 144 random bits, URL-safe: the name under which an artifact is reachable without being guessable. */
export const newOpaqueToken = (): string => randomBytes(18).toString('base64url');
export const opaqueTokenLength = 24;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
export const isUuid = (value: string): boolean => uuid.test(value);
