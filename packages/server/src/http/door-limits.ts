import { isIPv6 } from 'node:net';

import { cutAddress } from '../grants/client-hash.ts';
import { SafelightError } from '../lib/errors.ts';

export type DoorLimits = {
  opensPerMinute: number;
  /** Takes a place for an answer under this grant, and answers how it is given back; null when there is none. */
  takeStream(grantId: string): (() => void) | null;
  /** Counts a proof that was wrong. Throws `rate_limited` when this address has shown too many; a right proof is never refused for that. */
  countWrongProof(address: string): void;
  isPreviewBot(agent: string): boolean;
};

type Settings = { opensPerMinute: number; streams: number; wrongProofsPerMinute: number; previewBots: readonly string[] };

const minuteMs = 60_000;
/** Before that many addresses are remembered, those whose minute is over are forgotten. */
const fewAddresses = 10_000;

/** What buyers, and those who would like to be, may ask of this process at once. */
export function createDoorLimits({ opensPerMinute, streams, wrongProofsPerMinute, previewBots }: Settings, now: () => number = Date.now): DoorLimits {
  const sending = new Map<string, number>();
  const wrong = new Map<string, { count: number; until: number }>();
  const bots = previewBots.map((name) => name.toLowerCase());
  return {
    opensPerMinute,
    takeStream(grantId) {
      const open = sending.get(grantId) ?? 0;
      if (open >= streams) return null;
      sending.set(grantId, open + 1);
      let isGiven = false;
      return () => {
        if (isGiven) return;
        isGiven = true;
        const left = (sending.get(grantId) ?? 1) - 1;
        if (left === 0) sending.delete(grantId);
        else sending.set(grantId, left);
      };
    },
    countWrongProof(address) {
      // Somebody with one address of the new kind has as many as they like.
      const network = isIPv6(address) ? cutAddress(address) : address;
      if (wrong.size >= fewAddresses) for (const [name, { until }] of wrong) if (until <= now()) wrong.delete(name);
      const known = wrong.get(network);
      const minute = known !== undefined && known.until > now() ? known : { count: 0, until: now() + minuteMs };
      minute.count += 1;
      wrong.set(network, minute);
      if (minute.count > wrongProofsPerMinute) throw tooFast('Too many wrong addresses came from here.', (minute.until - now()) / 1000);
    },
    isPreviewBot(agent) {
      const name = agent.toLowerCase();
      return bots.some((bot) => name.includes(bot));
    },
  };
}

const tooFast = (why: string, seconds: number): SafelightError =>
  new SafelightError('rate_limited', `${why} Try again in a while.`, { headers: { 'retry-after': String(Math.max(1, Math.ceil(seconds))) } });
