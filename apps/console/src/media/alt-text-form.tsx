import { mostChars } from '@safelight/contract/limits';
import type { Media } from '@safelight/contract/media';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';

/** What the picture shows, for those who do not see it. Saved only if nobody changed the record meanwhile. */
export function AltTextForm({ media, onSaved }: { media: Media; onSaved: () => void }) {
  const client = useClient();
  const [text, setText] = useState(media.altText ?? '');
  const [known, setKnown] = useState(media.altText);
  // What was saved, here or elsewhere, takes the place of what was written; the form stays, and with it the focus.
  if (known !== media.altText) {
    setKnown(media.altText);
    setText(media.altText ?? '');
  }
  const changed = text.trim() !== (media.altText ?? '');

  const { mutate, error, isPending } = useMutation({
    async mutationFn() {
      const { media: seen, etag } = await client.media.readWithEtag(media.id);
      if (seen.altText !== media.altText) throw new Error(`Somebody else has just written: “${seen.altText ?? ''}”. Reload to go on from there.`);
      await client.media.patch(media.id, { altText: text.trim() || null }, { ifMatch: etag ?? undefined });
    },
    onSuccess: onSaved,
  });

  return (
    <form
      className="alt-text"
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <label className="field">
        <span className="field-label">Alt text</span>
        <textarea
          value={text}
          onChange={(event) => setText(event.target.value)}
          rows={2}
          maxLength={mostChars.altText}
          placeholder="What does the picture show?"
        />
      </label>
      {error !== null && changed && <ProblemNotice problem={error} title="The alt text was not saved" />}
      <button className="button small" type="submit" aria-disabled={!changed || isPending}>
        {isPending ? 'Saving…' : 'Save the alt text'}
      </button>
    </form>
  );
}
