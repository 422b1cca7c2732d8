import path from 'node:path';

import { eventNames, isEventName } from '@safelight/contract/events';

import { isMessageSecret } from '../egress/sign-message.ts';
import type { SigningKeys } from '../lib/signing.ts';

/** The values that a setting takes: `format` describes them to people, `parse` reads them. */
export type SettingType<Value> = { format: string; parse(text: string): Value | Wrong };

/** An invalid value. Without a sentence of its own, the message gives the value and the format. */
export class Wrong {
  readonly says: (name: string) => string;
  constructor(says: (name: string) => string) {
    this.says = says;
  }
}

/** The message repeats the value, so not for secrets. */
const wrongValue = (text: string, format: string): Wrong => new Wrong((name) => `${name} is "${text}"; wanted: ${format}.`);

export const text = (format: string): SettingType<string> => ({ format, parse: (given) => given });

export function wholeNumber(min: number, max: number, note?: string): SettingType<number> {
  const format = `${min} to ${max}${note === undefined ? '' : `; ${note}`}`;
  return {
    format,
    parse(given) {
      const number = Number(given);
      return Number.isInteger(number) && number >= min && number <= max ? number : wrongValue(given, format);
    },
  };
}

export const share: SettingType<number> = {
  format: 'a number from 0 to 1',
  parse: (given) => (/^(0|1|0?\.\d+|1\.0+)$/.test(given) ? Number(given) : wrongValue(given, share.format)),
};

export function oneOf<const Value extends string>(allowed: readonly [Value, Value, ...Value[]]): SettingType<Value> {
  const format = `${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`;
  return { format, parse: (given) => allowed.find((value) => value === given) ?? wrongValue(given, format) };
}

/** A URL may contain a password, so the message does not repeat it. */
export function url(format: string, protocols: readonly string[]): SettingType<string> {
  return {
    format,
    parse: (given) => (URL.canParse(given) && protocols.includes(new URL(given).protocol) ? given : wrongValue(hidden, format)),
  };
}
const hidden = '(not shown)';
const anyHTTP = url('http(s) URL', ['http:', 'https:']);
/** A bare host is repeated: the mistake is that its protocol is missing. */
export const httpURL: SettingType<string> = {
  format: anyHTTP.format,
  parse: (given) => (/^[\w.-]+(:\d+)?$/.test(given) ? wrongValue(given, `${anyHTTP.format}, like https://${given}`) : anyHTTP.parse(given)),
};
export const postgresURL = url('postgres:// URL', ['postgres:', 'postgresql:']);

export const list = (format: string): SettingType<string[]> => ({ format: `${format}, separated by commas`, parse: parts });

const parts = (given: string): string[] =>
  given
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

export const longSecret = (least: number, bytes: number): SettingType<string> => ({
  format: `at least ${least} characters`,
  parse: (given) =>
    given.length >= least
      ? given
      : new Wrong((name) => `${name} has ${given.length} characters; at least ${least} are needed. Make one with: openssl rand -hex ${bytes}`),
});

export const messageSecret: SettingType<string> = {
  format: 'whsec_ and the base64 of 24 to 64 bytes',
  parse: (given) =>
    isMessageSecret(given)
      ? given
      : new Wrong((name) => `${name} is none that verifiers of Standard Webhooks take. Make one with: echo "whsec_$(openssl rand -base64 32)"`),
};

export const signingKeys: SettingType<SigningKeys> = {
  format: 'id:secret pairs separated by commas, secrets of at least 32 characters; the first signs, all verify',
  parse(given) {
    const keys = parts(given).map((pair) => /^([A-Za-z0-9_-]{1,16}):([^:]{32,})$/.exec(pair));
    const read = keys.flatMap((match) => (match?.[1] === undefined || match[2] === undefined ? [] : [{ id: match[1], secret: match[2] }]));
    const [first, ...others] = read;
    return first !== undefined && read.length === keys.length
      ? [first, ...others]
      : new Wrong(
          (name) =>
            `${name} needs pairs of id:secret separated by commas, each with an id of 1 to 16 letters or digits and a secret of at least 32 characters.`,
        );
  },
};

export const eventFilter: SettingType<string[]> = {
  format: '* or names of events, separated by commas',
  parse(given) {
    const unknown = parts(given).find((name) => name !== '*' && !isEventName(name));
    return unknown === undefined ? parts(given) : new Wrong((name) => `${name} names "${unknown}"; wanted: *, or some of ${eventNames.join(', ')}.`);
  },
};

export type Environment = { name: string; base: 'development' | 'test' | 'production' };

export const environment: SettingType<Environment> = {
  format: 'development, test, production, or a name that extends one of them with a dash',
  parse(name) {
    const base = (['development', 'test', 'production'] as const).find((candidate) => name === candidate || name.startsWith(`${candidate}-`));
    if (base !== undefined) return { name, base };
    return new Wrong((env) => `${env} is "${name}"; wanted: ${environment.format}, like production-eu.`);
  },
};

export type Address = { host: string; port: number };

export const address: SettingType<Address> = { format: 'host:port', parse: (given) => hostAndPort(given) ?? wrongValue(given, 'host:port, as 127.0.0.1:9464') };

export const addressOrSocket: SettingType<Address | { path: string }> = {
  format: 'host:port, or the absolute path of a Unix socket',
  parse: (given) => (path.isAbsolute(given) ? { path: given } : (hostAndPort(given) ?? wrongValue(given, addressOrSocket.format))),
};

/** An IPv6 address stands in brackets. Null when either part is missing. */
function hostAndPort(given: string): Address | null {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(given) ?? [];
  const host = bracketed ?? plain;
  return host === undefined || Number(port) < 1 || Number(port) > 65_535 ? null : { host, port: Number(port) };
}
