import { z } from 'zod';

import type { ErrorCode } from '../errors.ts';
import type { Scope } from '../scopes.ts';

export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Relative to the API prefix; parameters in braces. */
  path: string;
  summary: string;
  tag: 'Uploads' | 'Media' | 'Entities' | 'Policy' | 'Review' | 'Generation' | 'Grants' | 'Jobs' | 'Events' | 'Webhooks' | 'Operations';
  /** `public` needs no token; a scope needs a token that includes it. */
  scope: Scope | 'public';
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  /** The JSON body. An operation without a schema takes no body. */
  body?: z.ZodType;
  /** Empty strings in the body count as not sent, as in forms and in the metadata of other protocols. */
  emptyIsAbsent?: true;
  /** The fields of a multipart/form-data body besides its files. The operation reads the form itself, as a stream. */
  form?: z.ZodObject;
  answers: Record<number, z.ZodType | null>;
  /** Error codes in addition to those that every operation can answer. */
  errors?: readonly ErrorCode[];
  idempotent?: 'Idempotency-Key';
  /** Its answer contains a secret, which is encrypted when the answer is kept for an `Idempotency-Key`. */
  answersSecret?: true;
};

/** Parameters and headers that several operations share. */
export const id = z.object({ id: z.uuid() });
export const ifMatch = z.object({ 'if-match': z.string().optional() });

/** Error codes for which any file can be refused. */
export const refusals = [
  'empty_file',
  'file_too_large',
  'unsupported_type',
  'type_mismatch',
  'corrupt_media',
  'too_many_pixels',
  'too_many_frames',
  'too_small',
  'aspect_ratio_out_of_range',
  'resource_limit',
  'unsupported_codec',
  'malware_found',
  'collection_full',
  'quota_exceeded',
  'upload_incomplete',
  'storage_unavailable',
] as const satisfies readonly ErrorCode[];
