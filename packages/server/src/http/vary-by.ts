import type { FastifyReply } from 'fastify';

/** Adds a header to `Vary`, and keeps those that are already there. */
export function varyBy(reply: FastifyReply, header: string): void {
  const said = reply.getHeader('vary');
  const names = new Set([...String(said ?? '').split(', '), header].filter((name) => name !== ''));
  reply.header('vary', [...names].join(', '));
}
