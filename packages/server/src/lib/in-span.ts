import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What an operator sees of one request: a span for the request, for each job that it asks for, and in them for each call of a store and each
 * statement. Rooms only know this file. Nothing is measured until `traceTo` was told where spans go, which happens when an endpoint is set
 * (open-tracing.ts); until then a span is a plain call.
 */
export type SpanKind = 'server' | 'consumer' | 'client' | 'internal';
export type SpanAttributes = Record<string, string | number | boolean>;
export type NewSpan = {
  name: string;
  kind: SpanKind;
  attributes?: SpanAttributes;
  /** The W3C `traceparent` of the request that asked for this; null: none did. Without, it belongs to the span that is open here, if any. */
  parent?: string | null | undefined;
};
export type Span = {
  /** As others may refer to it, in the form of the W3C header. */
  traceparent: string;
  traceId: string;
  note(attributes: SpanAttributes): void;
  /** By its code: the text of an error may hold what nobody else is to see. */
  fail(code: string): void;
  end(): void;
};
export type StartSpan = (span: NewSpan, parent: Span | undefined) => Span;

let startSpan: StartSpan | null = null;
const active = new AsyncLocalStorage<Span | undefined>();

/** Where spans go from now on; null: nowhere. Of the process, as its log is. */
export function traceTo(start: StartSpan | null): void {
  startSpan = start;
}

export const activeSpan = (): Span | undefined => active.getStore();

/** Opens a span that the caller ends; undefined where nothing is traced. */
export const openSpan = (span: NewSpan): Span | undefined => startSpan?.(span, activeSpan());

/** What `work` does belongs to this span. */
export const within = <Result>(span: Span, work: () => Result): Result => active.run(span, work);

/** What `work` does belongs to none of the spans that are open here. */
export const outsideSpans = <Result>(work: () => Result): Result => active.run(undefined, work);

/** A listener whose emitter is older than the span that is open here: what it does belongs to that span all the same. */
export const keepSpan: <Listener extends (...given: never[]) => unknown>(listener: Listener) => Listener = AsyncLocalStorage.bind;

/** Runs `work` in a span of its own, which ends with it. `codeOf` says by which code a failure is known. */
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

/** The same for what is only of interest as a part of something: outside of a span it is not traced, as the looks for new jobs. */
export async function inChildSpan<Result>(span: NewSpan, work: () => Promise<Result>, codeOf?: (error: unknown) => string): Promise<Result> {
  return startSpan === null || activeSpan() === undefined ? await work() : await inSpan(span, work, codeOf);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'error');
