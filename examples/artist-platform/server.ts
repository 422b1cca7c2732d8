import { Hono } from 'hono';

import { signToken } from '../shared/sign-token.ts';
import type { Surroundings } from '../shared/start-example.ts';

/** The platform's back end: an artist may write to their own page, and readers need no token. */
export const createApp = ({ consoleURL, jwtSecret }: Surroundings): Hono =>
  new Hono()
    .get('/api/media-token', async (c) => c.text(await signToken({ sub: 'mira', scope: 'media:write', entities: ['artist/mira'] }, jwtSecret)))
    .get('/api/about', (c) => c.json({ consoleURL }));
