import { SignJWT } from 'jose';

export type Rights = { sub: string; scope: string; entities?: string[]; [claim: string]: unknown };

/** A token like those of an application's back end, for a person that it has signed in: short-lived, with only the rights that they need here. */
export async function signToken({ sub, ...claims }: Rights, secret: string): Promise<string> {
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(new TextEncoder().encode(secret));
}
