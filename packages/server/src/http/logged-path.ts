/** The segment after `/companion/`, also under a foreign prefix, where `takeTokenFromPath` does not remove it. */
const companionSegment = /(\/companion\/)(?!s3\/)[^/]+/;
/** Anything shaped like a token or an API key, wherever a client has put it by mistake. */
const tokenSegment = /\/(?:ey[\w-]*(?:\.|%2e)[^/]*|sl_[^/]*)/gi;

/** A signature in the path, as addresses of streams have it. */
const signatureSegment = /(\/s\/)[^/]+/;

/** The address as the log may record it: only the path, because a query may hold signatures, and without anything that is or looks like a token. */
export function loggedPath(url: string): string {
  const [path = ''] = url.split('?', 1);
  return path.replace(companionSegment, '$1:token').replace(signatureSegment, '$1:signature').replaceAll(tokenSegment, '/:token');
}
