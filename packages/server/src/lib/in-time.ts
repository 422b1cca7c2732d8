/** The outcome of `work`, or a rejection if there is none within `milliseconds`. It does not stop the work: nobody waits for it any more. */
export async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`There was no answer within ${milliseconds} ms.`)), milliseconds);
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
