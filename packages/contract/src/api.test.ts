import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';

import type { Operations } from './api.ts';
import type { OperationId, operations } from './operations.ts';

type Contract = typeof operations;
type Answer<Op extends { answers: object }> = Op['answers'][keyof Op['answers']];
type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : never;

/** The ids whose written result differs from the schemas; if there are any, the compiler names them. */
type Wrong = {
  [Id in OperationId]: [Output<Answer<Contract[Id]>>] extends [never]
    ? never
    : [Output<Answer<Contract[Id]>>, Operations[Id]['answer']] extends [Operations[Id]['answer'], Output<Answer<Contract[Id]>>]
      ? never
      : Id;
}[OperationId];

/** Requests that the written types allow, and the schemas would refuse. */
type Untaken = {
  [Id in OperationId]: Contract[Id] extends { body: infer Schema extends z.ZodType }
    ? Exclude<Operations[Id] extends { body: infer Body } ? Body : 'nothing', FormData> extends z.input<Schema>
      ? never
      : Id
    : never;
}[OperationId];

test('the written types of the API match its schemas', () => {
  expectTypeOf<keyof Operations>().toEqualTypeOf<OperationId>();
  expectTypeOf<Wrong>().toEqualTypeOf<never>();
  expectTypeOf<Untaken>().toEqualTypeOf<never>();
});
