type Kept = { token: Promise<string>; until: number };
const kept = new Map<string, Kept>();

/** The token that the back end signs for the signed-in user; requested again before it expires. */
export async function mediaToken(address = '/api/media-token'): Promise<string> {
  const known = kept.get(address);
  if (known && Date.now() < known.until) return await known.token;
  const token = fetch(address).then(async (answer) => {
    if (!answer.ok) throw new Error(`You could not be signed in (${answer.status}). Try again in a moment.`);
    return await answer.text();
  });
  kept.set(address, { token, until: Date.now() + 10 * 60_000 });
  token.catch(() => kept.delete(address));
  return await token;
}
