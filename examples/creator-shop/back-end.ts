/** One call of the shop's own back end; what it refuses is thrown in its words. */
export async function backEnd<Answer>(path: string, method: 'GET' | 'POST' = 'GET'): Promise<Answer> {
  const answer = await fetch(`/api/${path}`, { method });
  const body = (await answer.json()) as Answer & { message?: string };
  if (!answer.ok) throw new Error(body.message ?? `The shop answered ${answer.status}.`);
  return body;
}
