import { isIPv6 } from 'node:net';

import { cutAddress } from '../grants/client-hash.ts';
import { SafelightError } from '../lib/errors.ts';

export type DoorLimits = {
  opensPerMinute: number;
  /** Reserves an answer under this grant and returns the function that releases it; null when none is left. */
  takeStream(grantId: string): (() => void) | null;
  /** Counts a wrong proof. Throws `rate_limited` when this address has shown too many; a right proof is never refused for that. */
  countWrongProof(address: string): void;
  isPreviewBot(agent: string): boolean;
};

type Settings = { opensPerMinute: number; streams: number; wrongProofsPerMinute: number; previewBots: readonly string[] };

const minuteMs = 60_000;
/** Up to this number of addresses are remembered; then those whose minute is over are dropped. */
const fewAddresses = 10_000;

/** The limits of this process on requests by buyers, and by anyone who pretends to be one. */
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
      // Whoever has one IPv6 address has a whole network of them, so networks are counted.
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
