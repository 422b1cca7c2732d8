import type { Config } from '../../config.ts';
import { patienceMs } from '../../lib/patience.ts';
import { broken, fine, messageOf, type Finding } from './finding.ts';

/** Sends the collector an export without spans. */
export async function checkTraces({ traces }: Pick<Config, 'traces'>, { signal, env }: { signal: AbortSignal; env: NodeJS.ProcessEnv }): Promise<Finding[]> {
  if (traces.endpoint === null) return [fine('traces', 'not sent: OTEL_EXPORTER_OTLP_ENDPOINT is not set')];
  const url = `${traces.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const fix = 'Check OTEL_EXPORTER_OTLP_ENDPOINT: the address of a collector that takes OTLP over HTTP (port 4318 as a rule), without /v1/traces.';
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(env['OTEL_EXPORTER_OTLP_HEADERS']) },
      body: JSON.stringify({ resourceSpans: [] }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs.check)]),
    });
    await answer.body?.cancel();
    if (answer.ok)
      return [fine('traces', `the collector takes them; ${traces.ratio === 1 ? 'every request is traced' : `${traces.ratio} of requests are traced`}`)];
    return [
      broken(
        'traces',
        `the collector answered ${answer.status}`,
        answer.status === 401 || answer.status === 403 ? `${fix} OTEL_EXPORTER_OTLP_HEADERS may have to name a key.` : fix,
      ),
    ];
  } catch (error) {
    if (signal.aborted) throw error;
    return [broken('traces', `the collector cannot be reached: ${messageOf(error)}`, fix)];
  }
}

/** Parses headers like the exporter: `name=value` pairs separated by commas, values percent-encoded. */
const headersOf = (text = ''): Record<string, string> =>
  Object.fromEntries(
    text
      .split(',')
      .map((pair) => pair.split('='))
      .flatMap(([name = '', ...value]) => (name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(value.join('=').trim())]])),
  );
