import { useRef, useState, type RefObject, type SyntheticEvent } from 'react';

type Moment<Player> = {
  player: RefObject<Player | null>;
  /** Seconds into the recording. */
  at: number;
  seek: (seconds: number) => void;
  /** For the player, which may also be moved by its own controls. */
  onTimeUpdate: (event: SyntheticEvent<HTMLMediaElement>) => void;
};

/** The moment that a player is at. */
export function useMoment<Player extends HTMLMediaElement>(): Moment<Player> {
  const player = useRef<Player>(null);
  const [at, setAt] = useState(0);
  return {
    player,
    at,
    seek(seconds) {
      setAt(seconds);
      if (player.current !== null) player.current.currentTime = seconds;
    },
    onTimeUpdate: ({ currentTarget }) => setAt(currentTarget.currentTime),
  };
}
