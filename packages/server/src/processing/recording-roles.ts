import { deliversSource, type CollectionConfig } from '../policy/collection.ts';

type Rules = Pick<CollectionConfig, 'video' | 'audio' | 'visibility' | 'gate'>;
type VideoOutput = CollectionConfig['video']['outputs'][number];

/** The outputs of a video: a sold one has neither stream nor storyboard, and one that is reviewed always has a poster and a storyboard. */
export function videoOutputs(collection: Rules): ReadonlySet<VideoOutput> {
  // Anybody with an opaque URL may read it, so sold media must not be available whole.
  const isKeptBack = (role: VideoOutput): boolean => deliversSource(collection) && (role === 'stream' || role === 'storyboard');
  const shown: VideoOutput[] = collection.gate === 'policy' ? ['poster', 'storyboard'] : [];
  return new Set([...collection.video.outputs.filter((role) => !isKeptBack(role)), ...shown]);
}

/** The roles that every video has; when there are several sizes, the smallest stands for all. */
export function videoRoles(collection: Rules): string[] {
  const outputs = videoOutputs(collection);
  return [
    ...[...outputs].flatMap((role) => (role === 'poster' ? ['poster', 'poster_small'] : [role])),
    ...(outputs.has('stream') && collection.video.hls === 'on' ? ['hls_360'] : []),
  ];
}

/** The roles of every sound, which may have a cover besides. */
export const audioRoles = (collection: Rules): string[] => collection.audio.outputs.filter((role) => role !== 'stream' || !deliversSource(collection));
