/** The segment that holds a token, also where no route was found or a browser only asks whether it may: `/companion/{token}/s3/…`. */
const tokenSegment = /(\/companion\/)(?!s3\/)[^/]+/;

/** An address as the log may know it: the path only, because queries may hold signatures, and without the token that a path may hold. */
export function loggedPath(url: string, route: string | undefined): string {
  if (route?.includes('/:token/')) return route;
  const [path = ''] = url.split('?', 1);
  return path.replace(tokenSegment, '$1:token');
}
