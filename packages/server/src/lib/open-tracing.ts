import { diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Tracer } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';

import { traceTo, type Span, type StartSpan } from './in-span.ts';
import type { Log } from './log.ts';
import { version } from './version.ts';

export type TracingOptions = {
  log: Log;
  /** The collector's address, without the path for traces. */
  endpoint: string;
  /** The share of requests without a trace of their own that is traced, 0 to 1. A request within a trace follows that trace's decision. */
  ratio: number;
};

/** An unresponsive collector must not delay the end of the process. */
const lastExportMs = 2_000;
/** While the collector is away every export fails: one log line a minute is enough. */
const quietMs = 60_000;

/**
 * Sends spans to a collector, as OTLP over HTTP in JSON. The exporter itself reads its other standard variables (OTEL_EXPORTER_OTLP_HEADERS, …).
 * Loaded only when an endpoint is set.
 */
export function openTracing({ log, endpoint, ratio }: TracingOptions): { close(): Promise<void> } {
  warnOfExports(log);
  const resource = resourceFromAttributes({ 'service.name': 'safelight', 'service.version': version }).merge(detectResources({ detectors: [envDetector] }));
  const provider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    // Long enough for a whole statement, whose text never contains its parameters.
    spanLimits: { attributeValueLengthLimit: 4_000 },
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }), scheduledDelayMillis: 1_000 }),
    ],
  });
  traceTo(starting(provider.getTracer('safelight', version)));
  return {
    async close() {
      traceTo(null);
      const patience = new Promise<void>((resolve) => setTimeout(resolve, lastExportMs).unref());
      await Promise.race([provider.shutdown(), patience]).finally(() => diag.disable());
    },
  };
}

const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

function starting(tracer: Tracer): StartSpan {
  return ({ name, kind, attributes = {}, parent }, active) => {
    const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent === undefined ? active?.traceparent : parent));
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceId,
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      note: (noted) => void span.setAttributes(noted),
      fail: (code) => void span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR, message: code }),
      end: () => span.end(),
    } satisfies Span;
  };
}

function contextOf(traceparent: string | null | undefined): Context {
  const parent = parseTraceParent(traceparent ?? '');
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

function warnOfExports(log: Log): void {
  let next = 0;
  const warn = (...said: unknown[]): void => {
    if (performance.now() < next) return;
    next = performance.now() + quietMs;
    log.warn({ err: said.find((part) => part instanceof Error) ?? String(said[0]) }, 'Traces could not be sent to the collector.');
  };
  const nothing = (): void => {};
  diag.setLogger({ error: warn, warn, info: nothing, debug: nothing, verbose: nothing });
}
