import type { Client } from '@safelight/client';

// Declarations of the reader's application, with which the examples of the documents compile as written.
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
