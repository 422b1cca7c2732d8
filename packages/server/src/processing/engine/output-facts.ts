/** What was found in a file that was made here, by whichever reader. Times are seconds. */
export type OutputFacts = {
  seconds: number;
  /** Metadata of the file or its tracks. */
  tags: readonly string[];
  /** Whether the index precedes the samples; only for an MP4. */
  isFastStart: boolean;
  picture: {
    codec: string;
    pixelFormat: string | null;
    /** As displayed. */
    width: number;
    height: number;
    isTurned: boolean;
    isHdr: boolean;
    isMonotonic: boolean;
    start: number;
    fps: number;
  } | null;
  sound: { start: number } | null;
};
