import { Hono } from 'hono';

import { signToken } from '../shared/sign-token.ts';
import type { Surroundings } from '../shared/start-example.ts';

/** The back end of the listings: a seller may write to their own listing. Buyers need no token, and moderators work in the console. */
export const createApp = ({ consoleURL, jwtSecret }: Surroundings): Hono =>
  new Hono()
    .get('/api/media-token', async (c) => c.text(await signToken({ sub: 'sam', scope: 'media:write', entities: ['listing/9f3'] }, jwtSecret)))
    .get('/api/about', (c) => c.json({ consoleURL }));
