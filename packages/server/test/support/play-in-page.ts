import type { Page } from 'playwright-core';

/** The state of a player. */
export type Played = {
  /** Seconds into the recording. */
  at: number;
  duration: number;
  width: number;
  height: number;
  /** Shown frames and decoded bytes of sound since the beginning. */
  frames: number;
  soundBytes: number;
  error: string | null;
};

/** Seeks the only player of a page, and returns its state after it has played for half a second from there. */
export async function playFrom(page: Page, seconds: number, selector = 'video, audio'): Promise<Played> {
  return await page.evaluate(
    async ({ selector, seconds }) => {
      const player = document.querySelector<HTMLVideoElement>(selector);
      if (player === null) throw new Error('there is no player');
      player.muted = true;
      player.currentTime = seconds;
      const shown = (): Played => ({
        at: player.currentTime,
        duration: player.duration,
        width: player.videoWidth ?? 0,
        height: player.videoHeight ?? 0,
        frames: player.getVideoPlaybackQuality?.().totalVideoFrames ?? 0,
        soundBytes: (player as unknown as { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount,
        error: player.error?.message ?? null,
      });
      await new Promise<void>((resolve) => {
        player.addEventListener('error', () => resolve(), { once: true });
        player.addEventListener('timeupdate', () => {
          if (!player.seeking && player.currentTime >= seconds + 0.5) resolve();
        });
        // A failure to play shows as an error of the player.
        player.play().catch(() => undefined);
      });
      player.pause();
      return shown();
    },
    { selector, seconds },
  );
}
