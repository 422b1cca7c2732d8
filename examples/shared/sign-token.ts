import { SignJWT } from 'jose';

export type Rights = { sub: string; scope: string; entities?: string[]; [claim: string]: unknown };

/** A token for a person that the application has signed in, as its back end makes it: short-lived, and for no more than they may do here. */
export async function signToken({ sub, ...claims }: Rights, secret: string): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(secret));
}
