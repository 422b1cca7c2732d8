import type { Page } from 'playwright-core';

/** What a player has come to. */
export type Played = {
  /** Seconds into the recording. */
  at: number;
  duration: number;
  width: number;
  height: number;
  /** Frames that were shown, and bytes of sound that were decoded, since it began. */
  frames: number;
  soundBytes: number;
  error: string | null;
};

/** Goes to a moment of the one player of a page, and answers what has become of it when it has played on for half a second from there. */
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
        // A refusal shows as an error of the player.
        player.play().catch(() => undefined);
      });
      player.pause();
      return shown();
    },
    { selector, seconds },
  );
}
