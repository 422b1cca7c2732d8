import { createHmac } from 'node:crypto';

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed with the shared secret, like by an application's back end. */
export function signToken(secret: string, sub: string, scope: string): string {
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub, scope, exp: Math.floor(Date.now() / 1000) + 3600 })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
