import { mostChars } from '@safelight/contract/limits';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';

type CaptionsFields = { file: File | null; language: string; label: string };
const empty: CaptionsFields = { file: null, language: '', label: '' };

type CaptionsFormProps = { id: string; languages: readonly string[]; onSaved: () => void };

/** Attaches a file of captions in a language. What there is in it already is replaced. */
export function CaptionsForm({ id, languages, onSaved }: CaptionsFormProps) {
  const client = useClient();
  const [fields, setFields] = useState(empty);
  const { language, label, file } = fields;
  const replaces = languages.some((one) => one.toLowerCase() === language.trim().toLowerCase());

  const { mutate, error, isPending } = useMutation({
    mutationFn: async (form: HTMLFormElement) => {
      const body = { text: (await file?.text()) ?? '', ...(label.trim() === '' ? {} : { label: label.trim() }) };
      await client.request('putCaptions', { params: { id, language: language.trim() }, body });
      return form;
    },
    onSuccess: (form) => {
      // A chosen file is the form's own.
      form.reset();
      setFields(empty);
      onSaved();
    },
  });

  return (
    <form
      className="captions-form"
      onSubmit={(event) => {
        event.preventDefault();
        mutate(event.currentTarget);
      }}
    >
      <Fields fields={fields} onChange={(part) => setFields((before) => ({ ...before, ...part }))} />
      {error !== null && <ProblemNotice problem={error} title="The captions were not saved" />}
      <button className="button small" type="submit" aria-disabled={isPending}>
        {isPending ? 'Saving…' : replaces ? 'Replace the captions' : 'Save the captions'}
      </button>
    </form>
  );
}

const Fields = ({ fields: { language, label }, onChange }: { fields: CaptionsFields; onChange: (part: Partial<CaptionsFields>) => void }) => (
  <div className="captions-fields">
    <label className="field">
      <span className="field-label">File</span>
      <input type="file" accept=".vtt,.srt,text/vtt" required onChange={({ target }) => onChange({ file: target.files?.[0] ?? null })} />
    </label>
    <label className="field">
      <span className="field-label">Language</span>
      <input
        value={language}
        onChange={({ target }) => onChange({ language: target.value })}
        required
        pattern="\s*[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\s*"
        title="A language tag, like en or pt-BR"
        placeholder="en, pt-BR"
        size={8}
        autoComplete="off"
        spellCheck={false}
      />
    </label>
    <label className="field">
      <span className="field-label">Name in the player</span>
      <input
        value={label}
        onChange={({ target }) => onChange({ label: target.value })}
        maxLength={mostChars.captionsLabel}
        placeholder="English"
        autoComplete="off"
      />
    </label>
  </div>
);
