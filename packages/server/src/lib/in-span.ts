import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Spans show an operator one request: a span for the request and for each job that it enqueues, and within them for each call of a store and each
 * statement. Modules use only this file. Nothing is measured until `traceTo` sets a destination, which happens when an endpoint is configured
 * (open-tracing.ts); until then a span is a plain call.
 */
export type SpanKind = 'server' | 'consumer' | 'client' | 'internal';
export type SpanAttributes = Record<string, string | number | boolean>;
export type NewSpan = {
  name: string;
  kind: SpanKind;
  attributes?: SpanAttributes;
  /** The W3C `traceparent` of the request behind this work; null when there is none. By default the parent is the current span, if any. */
  parent?: string | null | undefined;
};
export type Span = {
  /** The span's reference in the form of the W3C header. */
  traceparent: string;
  traceId: string;
  note(attributes: SpanAttributes): void;
  /** Only by code: an error's text may contain private data. */
  fail(code: string): void;
  end(): void;
};
export type StartSpan = (span: NewSpan, parent: Span | undefined) => Span;

let startSpan: StartSpan | null = null;
const active = new AsyncLocalStorage<Span | undefined>();

/** Sets the destination of spans; null for none. It is global to the process, like its log. */
export function traceTo(start: StartSpan | null): void {
  startSpan = start;
}

export const activeSpan = (): Span | undefined => active.getStore();

/** Opens a span that the caller ends; undefined when nothing is traced. */
export const openSpan = (span: NewSpan): Span | undefined => startSpan?.(span, activeSpan());

export const within = <Result>(span: Span, work: () => Result): Result => active.run(span, work);

/** Runs `work` outside all current spans. */
export const outsideSpans = <Result>(work: () => Result): Result => active.run(undefined, work);

/** Binds a listener to the current span, even if its emitter is older than the span. */
export const keepSpan: <Listener extends (...given: never[]) => unknown>(listener: Listener) => Listener = AsyncLocalStorage.bind;

/** Runs `work` in a span of its own, which ends with it. `codeOf` gives the code of a failure. */
export async function inSpan<Result>(span: NewSpan, work: () => Promise<Result>, codeOf: (error: unknown) => string = nameOf): Promise<Result> {
  const opened = openSpan(span);
  if (opened === undefined) return await work();
  try {
    return await active.run(opened, work);
  } catch (error) {
    opened.fail(codeOf(error));
    throw error;
  } finally {
    opened.end();
  }
}

/** The same for work that matters only as a part of something: outside of a span it is not traced (the checks for new jobs, for example). */
export async function inChildSpan<Result>(span: NewSpan, work: () => Promise<Result>, codeOf?: (error: unknown) => string): Promise<Result> {
  return startSpan === null || activeSpan() === undefined ? await work() : await inSpan(span, work, codeOf);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'error');
