import type { Media } from '@safelight/contract/media';

import { Icon } from '../parts/icon.tsx';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { useAct } from '../shell/use-act.ts';

type CaptionsRowProps = {
  mediaId: string;
  captions: Media['captions'][number];
  mayChange: boolean;
  onChange: () => void;
  onRemoved: () => void;
};

const undoMs = 20_000;

/** The captions in one language. Once removed, they can be taken back for a moment: the server keeps no copy, this page does. */
export function CaptionsRow({ mediaId: id, captions: { language, label, src }, mayChange, onChange, onRemoved }: CaptionsRowProps) {
  const client = useClient();
  const toast = useToast();
  const { busy, act } = useAct(onChange);
  const name = label ?? language;

  const takeBack = (text: string): void => {
    const body = { text, ...(label !== null && { label }) };
    void act(`The captions in ${name} could not be taken back`, () => client.request('putCaptions', { params: { id, language }, body }));
  };
  const remove = async (): Promise<void> => {
    const text = await textOf(src);
    const worked = await act(`The captions in ${name} could not be removed`, () => client.request('deleteCaptions', { params: { id, language } }));
    if (!worked) return;
    onRemoved();
    toast({
      text: `The captions in ${name} were removed.`,
      ...(text !== null && { undo: () => takeBack(text), until: Date.now() + undoMs }),
    });
  };
  return (
    <li>
      <a href={src} target="_blank" rel="noreferrer">
        {name}
      </a>
      {label !== null && <code>{language}</code>}
      {mayChange && (
        <button
          className="icon-button"
          type="button"
          aria-disabled={busy}
          aria-label={`Remove the captions in ${name}`}
          title="Remove"
          onClick={() => void (busy || remove())}
        >
          <Icon name="trash" />
        </button>
      )}
    </li>
  );
}

/** The file as it is; null where it cannot be read, and then nobody can be offered to take it back. */
const textOf = async (src: string): Promise<string | null> =>
  await fetch(src).then(
    async (answer) => (answer.ok ? await answer.text() : null),
    () => null,
  );
