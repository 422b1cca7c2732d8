/** What was found in a file that was made here, whoever read it. Times are seconds. */
export type OutputFacts = {
  seconds: number;
  /** Whatever it names itself or its tracks by. */
  tags: readonly string[];
  /** The index lies before the samples; only of an MP4. */
  isFastStart: boolean;
  picture: {
    codec: string;
    pixelFormat: string | null;
    /** As it is to be seen. */
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
