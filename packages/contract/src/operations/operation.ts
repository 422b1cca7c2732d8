import { z } from 'zod';

import type { ErrorCode } from '../errors.ts';
import type { Scope } from '../scopes.ts';

export type Operation = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the API prefix; parameters in braces. */
  path: string;
  summary: string;
  tag: 'Uploads' | 'Media' | 'Entities' | 'Policy' | 'Review' | 'Generation' | 'Grants' | 'Jobs' | 'Events' | 'Webhooks' | 'Operations';
  /** `public` needs no token; a scope needs one that includes it. */
  scope: Scope | 'public';
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  /** Of JSON. An operation without one takes none. */
  body?: z.ZodType;
  /** Empty texts in its body are as if they were not sent, as in the form and the metadata that say the same in other protocols. */
  emptyIsAbsent?: true;
  /** Of multipart/form-data: the fields beside its files. The operation reads the form itself, as a stream. */
  form?: z.ZodObject;
  answers: Record<number, z.ZodType | null>;
  /** Codes beyond those that every operation may answer. */
  errors?: readonly ErrorCode[];
  idempotent?: 'Idempotency-Key';
};

/** Parameters and headers that several operations take. */
export const id = z.object({ id: z.uuid() });
export const ifMatch = z.object({ 'if-match': z.string().optional() });

/** What any file may be refused for. */
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
  'collection_full',
  'storage_unavailable',
] as const satisfies readonly ErrorCode[];
