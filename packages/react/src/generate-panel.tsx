'use client';
import { asProblem, type Media } from '@safelight/client';
import { useId, useState, type ReactNode, type SyntheticEvent } from 'react';

import { KitContext } from './context.ts';
import { useAnnouncer } from './live-region.tsx';
import { MediaImage } from './media-image.tsx';
import { MediaVideo } from './media-video.tsx';
import { frameOf, part, withRef, type FrameProps } from './part.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { useKit, type KitOptions } from './provider.ts';
import type { ServiceOptions } from './use-client.ts';
import { useGenerate, type GenerateRequest } from './use-generate.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useLabels } from './use-labels.ts';

export type GeneratePanelProps = KitOptions &
  FrameProps<'section'> &
  ServiceOptions & {
    /** Added to each request: provider, model, size, inputs, destination of the results. */
    request?: Partial<GenerateRequest> | undefined;
    /** The most results of one request. Default 4. */
    mostResults?: number | undefined;
    onComplete?: ((media: readonly Media[]) => void) | undefined;
    /** Further fields of the form. */
    children?: ReactNode;
  };

const Frame = part('section', 'generate');
const Button = part('button', 'trigger');
const Problem = part('p', 'problem');
const Grid = part('ul', 'grid');
const Cell = part('li', 'cell');
const Hint = part('p', 'hint');

/** A prompt field, the results, and the remaining daily allowance. */
export const GeneratePanel = withRef(function GeneratePanel(props: GeneratePanelProps): React.JSX.Element {
  const { request, mostResults = 4, onComplete, children } = props;
  const kit = useKit(props);
  const labels = useLabels(props.labels);
  const id = useId();
  const [prompt, setPrompt] = useState('');
  const [count, setCount] = useState(1);
  const { generate, cancel, isGenerating, job, media, failures, error, usage } = useGenerate(props);
  const { say, region } = useAnnouncer();
  const focus = useKeptFocus();
  const isVideo = request?.kind === 'video';

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isGenerating || prompt.trim() === '') return;
    say(labels.generating);
    generate({ ...request, prompt, ...(isVideo ? {} : { n: count }) }).then(
      (made) => {
        say(labels.made(made.length));
        onComplete?.(made);
      },
      (reason: unknown) => say(asProblem(reason).detail),
    );
  };
  const used = isVideo ? usage?.videoSeconds : usage?.images;
  return (
    <KitContext.Provider value={kit}>
      <Frame {...frameOf(props)} {...focus} data-state={isGenerating ? 'generating' : 'idle'}>
        <form onSubmit={submit}>
          <label htmlFor={`${id}-prompt`}>{labels.prompt}</label>
          <textarea id={`${id}-prompt`} rows={3} value={prompt} onChange={({ target }) => setPrompt(target.value)} />
          {!isVideo && mostResults > 1 && (
            <>
              <label htmlFor={`${id}-count`}>{labels.count}</label>
              <input id={`${id}-count`} type="number" min={1} max={mostResults} value={count} onChange={({ target }) => setCount(Number(target.value))} />
            </>
          )}
          {children}
          {/* It stays where it is, so that the second click of a double click cannot cancel; not `disabled`, which would take the focus. */}
          <Button type="submit" disabled={prompt.trim() === ''} aria-disabled={isGenerating}>
            {labels.generate}
          </Button>
          {typeof used?.limit === 'number' && <Hint>{`${used.used} / ${used.limit}`}</Hint>}
        </form>
        {isGenerating && <ProgressBar label={job?.message ?? labels.generating} value={job?.progress ?? null} />}
        {isGenerating && (
          <Button type="button" data-state="cancel" onClick={() => void cancel()}>
            {labels.cancel}
          </Button>
        )}
        {error && <Problem>{error.detail}</Problem>}
        {failures.map(({ index, message }) => (
          <Problem key={index}>{message}</Problem>
        ))}
        {media.length > 0 && resultsOf(media, prompt, labels.made(media.length))}
        {region}
      </Frame>
    </KitContext.Provider>
  );
});

const resultsOf = (media: readonly Media[], prompt: string, label: string): React.JSX.Element => (
  <Grid aria-label={label}>
    {media.map((one) => (
      <Cell key={one.id}>{one.kind === 'video' ? <MediaVideo media={one} /> : <MediaImage media={one} alt={one.altText ?? prompt} />}</Cell>
    ))}
  </Grid>
);
