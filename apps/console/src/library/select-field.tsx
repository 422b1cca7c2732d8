type SelectFieldProps = {
  label: string;
  value: string;
  /** The values to choose from, by their words. */
  options: readonly (readonly [value: string, words: string])[];
  /** Of the choice that narrows nothing. */
  all?: string;
  onChange: (value: string) => void;
};

/** One of several values by which a list is narrowed or ordered. */
export function SelectField({ label, value, options, all, onChange }: SelectFieldProps) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        {all !== undefined && <option value="">{all}</option>}
        {options.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
