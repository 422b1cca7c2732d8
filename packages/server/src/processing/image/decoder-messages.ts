import type { DecodeFailure, ImageFacts, ImageJob, ImageLimits, ImageOutput } from '../image-rules.ts';
import type { ImageCapabilities } from './capabilities.ts';
import type { HeaderFacts } from '../../filetypes/headers/image-header.ts';

/**
 * Messages to and from a decoder process. It works on one picture at a time, in this order: `start` → `header` → (the pool reserves memory) `admit` →
 * `progress` and `output`, each output answered by `stored` → `done`. `failed` may come at any point instead. An inspection ends with `header`;
 * `dismiss` instead of `admit` leads to `dismissed`.
 */
export type ToDecoder =
  | { type: 'start'; work: { kind: 'render'; job: ImageJob } | { kind: 'inspect'; path: string; limits: ImageLimits } }
  | { type: 'admit' }
  | { type: 'dismiss' }
  | { type: 'stored' };

export type FromDecoder =
  | { type: 'ready'; capabilities: ImageCapabilities }
  | { type: 'header'; header: HeaderFacts; expectedBytes: number; expectedSeconds: number }
  | { type: 'dismissed'; rssBytes: number }
  | { type: 'progress'; fraction: number; step: string }
  | { type: 'output'; output: ImageOutput }
  | { type: 'done'; facts: ImageFacts; rssBytes: number }
  | { type: 'failed'; failure: DecodeFailure; reason: string; rssBytes: number };

/** The most outputs in transit: one is being stored while the next is encoded. */
export const maxOutputsUnderWay = 2;
