import type { Client } from '@safelight/client';

// What the application of a reader has, so that the compiler can read the examples of the documents as they stand.
declare global {
  const session: { mediaToken: string };
  const file: File;
  const token: string;
  const request: Request;
  const input: HTMLInputElement;
  const bar: HTMLProgressElement;
  const page: HTMLElement;
  function show(what: unknown): void;
  function index(media: unknown): Promise<void>;
  const client: Client;
}
