import { describeType } from '@safelight/contract/describe-type';
import { writeValue } from './human-value.ts';
import { fieldOf, limitFields } from './policy-fields.ts';

/** A value of a policy as people read it, whatever an older version of the product may have kept there. */
export function describePolicyValue(key: string, value: unknown): string {
  if (value === null || value === undefined) return 'no limit';
  const field = fieldOf(key);
  if (typeof value === 'number') return writeValue(field?.kind ?? 'number', value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.map((type) => describeType(String(type))).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What the server has against a field, with numbers in the units and values by the names of the form. */
export function describeFieldProblem(key: string, message: string): string {
  const kind = fieldOf(key)?.kind ?? 'number';
  const inUnits = kind === 'number' ? message : message.replaceAll(/\d{4,}/g, (digits) => writeValue(kind, Number(digits)));
  const words = limitFields.reduce((text, field) => text.replaceAll(new RegExp(`\\b${field.key}\\b`, 'g'), `“${field.label}”`), inUnits);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
