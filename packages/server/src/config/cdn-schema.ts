import { z } from 'zod';

import { cdnKinds } from '../delivery/sign-cdn-url.ts';

export const cdnSchema = z.strictObject({
  kind: z.enum(cdnKinds).meta({ description: 'How URLs are signed: nginx’s `secure_link` (docs/nginx.conf), CloudFront, Cloudflare’s HMAC, Bunny’s tokens.' }),
  baseURL: z.url({ protocol: /^https?$/ }).meta({ description: 'The CDN’s base URL of the store; the key of an object is appended.' }),
  store: z.string().optional().meta({
    description: 'The store behind it, like `s3:sold`; by default the active one. Objects in other stores are delivered by Safelight.',
  }),
  keyId: z.string().min(1).optional().meta({ description: 'CloudFront only: the id of the public key.' }),
});
