import { grantOperations } from './grants.ts';
import { entitiesOperations } from './operations/entities.ts';
import { eventsOperations } from './operations/events.ts';
import { generationOperations } from './operations/generation.ts';
import { jobsOperations } from './operations/jobs.ts';
import { mediaOperations } from './operations/media.ts';
import { operatingOperations } from './operations/operating.ts';
import { policyOperations } from './operations/policy.ts';
import { reviewOperations } from './operations/review.ts';
import { uploadsOperations } from './operations/uploads.ts';
import type { Operation } from './operations/operation.ts';

export type { Operation } from './operations/operation.ts';

/** Every operation of the API. The server binds them, the OpenAPI document is generated from them, and they define the client's types. */
export const operations = {
  ...uploadsOperations,
  ...mediaOperations,
  ...entitiesOperations,
  ...policyOperations,
  ...reviewOperations,
  ...jobsOperations,
  ...generationOperations,
  ...operatingOperations,
  ...grantOperations,
  ...eventsOperations,
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof operations;
