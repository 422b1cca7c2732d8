import { Hono } from 'hono';

import { signToken } from '../shared/sign-token.ts';
import type { Surroundings } from '../shared/start-example.ts';

/** What a user's plan allows them to generate: Safelight counts, the application sets the limits. */
const plan = { imagesPerDay: 12, videoSecondsPerDay: 60, active: 2 };

/** The studio's back end: it knows who is signed in (here always Ada) and signs what they may do. */
export const createApp = ({ consoleURL, jwtSecret }: Surroundings): Hono =>
  new Hono()
    .get('/api/media-token', async (c) => c.text(await signToken({ sub: 'ada', scope: 'media:write', generation: plan }, jwtSecret)))
    .get('/api/about', (c) => c.json({ consoleURL }));
