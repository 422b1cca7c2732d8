export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path d="M16 3v6" className="brand-cord" />
        <path d="M8.5 17a7.5 7.5 0 0 1 15 0z" className="brand-shade" />
        <path d="M6.5 19.8h19" className="brand-tube" />
        <path d="m10 23.5-2.4 5M16 23.5v5.5M22 23.5l2.4 5" className="brand-rays" />
      </svg>
      Safelight
    </span>
  );
}
