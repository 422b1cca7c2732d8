'use client';
export { asProblem as asError } from '@safelight/client';
