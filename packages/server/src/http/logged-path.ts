/** The segment behind `/companion/`, also under a prefix that is not ours, where it is not taken out of the address. */
const companionSegment = /(\/companion\/)(?!s3\/)[^/]+/;
/** What has the shape of a token or of an API key, wherever a client has put it by mistake. */
const tokenSegment = /\/(?:ey[\w-]*(?:\.|%2e)[^/]*|sl_[^/]*)/gi;

/** A signature that stands in the path, as those of streams do. */
const signatureSegment = /(\/s\/)[^/]+/;

/** An address as the log may know it: the path only, because queries may hold signatures, and without what is or looks like a token. */
export function loggedPath(url: string): string {
  const [path = ''] = url.split('?', 1);
  return path.replace(companionSegment, '$1:token').replace(signatureSegment, '$1:signature').replaceAll(tokenSegment, '/:token');
}
