import type { Job } from '@safelight/contract/jobs';

/** Whether more will become of it by itself. */
export const isMoving = ({ state }: Job): boolean => state === 'queued' || state === 'active' || state === 'retrying';
