/** As a field of the type `datetime-local` holds it: the clock on the wall, without a zone. */
export function toLocal(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export const fromLocal = (text: string): string => new Date(text).toISOString();
