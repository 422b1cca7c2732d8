import { configuredModels, type ConfiguredModel } from '../../compose-models.ts';
import type { Config } from '../../config.ts';
import { shutdownDateOf } from '../../generation/shutdown-dates.ts';
import { patienceMs } from '../../lib/patience.ts';
import { broken, doubtful, fine, type Finding } from './finding.ts';

/** Models that end within this many days are reported: time enough to try another. */
const noticeDays = 60;
const msPerDay = 86_400_000;

/** Asks each provider with a key about its configured models: those of generation, moderation and review. */
export async function checkModels(
  config: Pick<Config, 'generation' | 'review'>,
  { signal, env, now = new Date() }: { signal: AbortSignal; env: NodeJS.ProcessEnv; now?: Date },
): Promise<Finding[]> {
  const findings = otherProduct(config, env);
  const models = configuredModels(config);
  if (models.length === 0) findings.push(fine('models', 'not checked: no provider has a key'));
  for (const model of models) findings.push(await checkModel(model, { signal, now }));
  return findings;
}

/** The variable redirects Google's library to another product with other keys; we override it, and the person who set it should know. */
const otherProduct = ({ review }: Pick<Config, 'review'>, env: NodeJS.ProcessEnv): Finding[] =>
  review.geminiKey !== null && /^(?:true|1)$/i.test(env['GOOGLE_GENAI_USE_VERTEXAI'] ?? '')
    ? [
        doubtful(
          'models',
          'GOOGLE_GENAI_USE_VERTEXAI is set; Safelight asks the Gemini API with GEMINI_API_KEY all the same',
          'Remove the variable if nothing else needs it, or remove GEMINI_API_KEY if Gemini is not to be asked.',
        ),
      ]
    : [];

async function checkModel({ provider, model, setting, look }: ConfiguredModel, { signal, now }: { signal: AbortSignal; now: Date }): Promise<Finding> {
  const named = `${provider} ${model} (${setting})`;
  const today = now.toISOString().slice(0, 10);
  try {
    const seen = await look(model, { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs.modelLookup)]) });
    if (seen.state === 'missing') return broken('models', `${named}: the provider has no such model, or this key may not use it`, another(setting));
    const ends = seen.shutdownDate ?? shutdownDateOf({ provider, model });
    if (ends === null) return fine('models', `${named} is there`);
    if (ends <= today) return broken('models', `${named} was to end on ${ends}`, another(setting));
    const days = Math.ceil((Date.parse(ends) - now.getTime()) / msPerDay);
    if (days <= noticeDays) return doubtful('models', `${named} ends on ${ends}, in ${days} days`, another(setting));
    return fine('models', `${named} is there until ${ends}`);
  } catch (error) {
    signal.throwIfAborted();
    return broken(
      'models',
      `${named}: the provider could not be asked about it: ${describe(error)}`,
      'Check the key and the address of the provider, and whether this machine reaches it.',
    );
  }
}

const another = (setting: string): string => `Name another in ${setting} of the configuration file.`;

/** A client library's messages may contain the key. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'no error that is known';
  const status = 'status' in error && typeof error.status === 'number' ? `HTTP ${error.status}` : null;
  const code = error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : null;
  return status ?? code ?? error.name;
}
