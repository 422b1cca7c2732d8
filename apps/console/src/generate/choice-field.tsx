type ChoiceFieldProps = { label: string; values: readonly (string | number)[]; value: string; onChange: (value: string) => void };

/** One of what a model takes, or what it does by itself. Not there where there is nothing to choose. */
export function ChoiceField({ label, values, value, onChange }: ChoiceFieldProps) {
  if (values.length === 0) return null;
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <select value={values.map(String).includes(value) ? value : ''} onChange={(event) => onChange(event.target.value)}>
        <option value="">default</option>
        {values.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}
