/** Calls the shop's own back end; a refusal is thrown with its message. */
export async function backEnd<Answer>(path: string, method: 'GET' | 'POST' = 'GET'): Promise<Answer> {
  const answer = await fetch(`/api/${path}`, { method }).catch((cause: unknown) => {
    throw new Error('The shop could not be reached. Check the connection and try again.', { cause });
  });
  const body = (await answer.json()) as Answer & { message?: string };
  if (!answer.ok) throw new Error(body.message ?? `The shop does not answer as it should (${answer.status}). Try again in a moment.`);
  return body;
}
