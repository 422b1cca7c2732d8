import type { Media } from '@safelight/contract/media';

const words: Record<NonNullable<Media['digitalSource']>, string> = {
  trainedAlgorithmicMedia: 'Made by a model',
  compositeWithTrainedAlgorithmicMedia: 'Made by a model from pictures',
  algorithmicMedia: 'Made by a program, not by a model',
};

/** Says of what a machine made that it did; nothing of the rest. */
export function AiMark({ media: { digitalSource } }: { media: Pick<Media, 'digitalSource'> }) {
  if (digitalSource === null) return null;
  return (
    <span className="ai-mark" title={words[digitalSource]}>
      AI<span className="visually-hidden">: {words[digitalSource].toLowerCase()}</span>
    </span>
  );
}
