import { z } from 'zod';

import { cdnKinds } from '../delivery/sign-cdn-url.ts';

export const cdnSchema = z.strictObject({
  kind: z
    .enum(cdnKinds)
    .meta({ description: 'Whose addresses are signed: nginx’s `secure_link` (docs/nginx.conf), CloudFront, Cloudflare’s HMAC, Bunny’s tokens.' }),
  baseURL: z.url({ protocol: /^https?$/ }).meta({ description: 'Where the CDN shows the store: the key of an object follows.' }),
  store: z.string().optional().meta({
    description: 'The store that it shows, as `s3:sold`; the one where files are kept unless said otherwise. What lies elsewhere goes through Safelight.',
  }),
  keyId: z.string().min(1).optional().meta({ description: 'CloudFront only: the id of the public key.' }),
});
