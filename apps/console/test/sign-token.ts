import { createHmac } from 'node:crypto';

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as an application's back end would sign it with the shared secret. */
export function signToken(secret: string, sub: string, scope: string): string {
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub, scope, exp: Math.floor(Date.now() / 1000) + 3600 })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
