import type { MiddlewareStack } from '@smithy/types';

/**
 * Signs a digest that is known already, rather than letting the SDK hash the bytes a second time. The provider refuses bytes with another digest,
 * whether or not it supports S3's newer checksum headers.
 */
export function signPayloadHash<Input extends object, Output extends object>(stack: MiddlewareStack<Input, Output>, sha256: string): void {
  stack.add(
    (next) => (args) => {
      if (hasHeaders(args.request)) args.request.headers['x-amz-content-sha256'] = sha256;
      return next(args);
    },
    { step: 'build', name: 'safelightPayloadHash' },
  );
}

const hasHeaders = (request: unknown): request is { headers: Record<string, string> } =>
  typeof request === 'object' && request !== null && 'headers' in request;
