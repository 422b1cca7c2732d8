import type { FastifyReply } from 'fastify';

/** Adds to what an answer depends on, beside what others have said before. */
export function varyBy(reply: FastifyReply, header: string): void {
  const said = reply.getHeader('vary');
  const names = new Set([...String(said ?? '').split(', '), header].filter((name) => name !== ''));
  reply.header('vary', [...names].join(', '));
}
