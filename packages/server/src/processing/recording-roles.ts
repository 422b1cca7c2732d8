import { deliversSource, type CollectionConfig } from '../policy/collection.ts';

type Rules = Pick<CollectionConfig, 'video' | 'audio' | 'visibility' | 'gate'>;
type VideoOutput = CollectionConfig['video']['outputs'][number];

/** What is made of a video: of what is sold neither stream nor storyboard, and for reviewers a poster and a storyboard in any case. */
export function videoOutputs(collection: Rules): ReadonlySet<VideoOutput> {
  // Everybody who has an opaque URL may read it: what is sold is not given away whole.
  const isKeptBack = (role: VideoOutput): boolean => deliversSource(collection) && (role === 'stream' || role === 'storyboard');
  const shown: VideoOutput[] = collection.gate === 'policy' ? ['poster', 'storyboard'] : [];
  return new Set([...collection.video.outputs.filter((role) => !isKeptBack(role)), ...shown]);
}

/** The roles that every video has; in several sizes, the smallest stands for all. */
export function videoRoles(collection: Rules): string[] {
  const outputs = videoOutputs(collection);
  return [
    ...[...outputs].flatMap((role) => (role === 'poster' ? ['poster', 'poster_small'] : [role])),
    ...(outputs.has('stream') && collection.video.hls === 'on' ? ['hls_360'] : []),
  ];
}

/** Of a sound, which may have a cover besides. */
export const audioRoles = (collection: Rules): string[] => collection.audio.outputs.filter((role) => role !== 'stream' || !deliversSource(collection));
