import { followedAt, type Positions } from './cursor.ts';
import { shardCount } from './shards.ts';
import type { Followed, StoredEvent } from './stored-event.ts';

/** The least number of recent events that are kept. */
const kept = 2_000;

/** The most recent events in the order in which they were read. Each has a number that is local to this process, and a position in its shard. */
export class EventLine {
  #entries: Followed[] = [];
  /** The number of the first kept event, and the positions before it. */
  #first: { number: number; positions: Positions } = { number: 0, positions: nowhere };
  #heads: Positions = nowhere;

  /** The last event in the line for each shard. The array never changes later. */
  heads(): Positions {
    return this.#heads;
  }

  /** The number that the next event will have. */
  end(): number {
    return this.#first.number + this.#entries.length;
  }

  /** The events from this number on; undefined when some of them are no longer kept. */
  from(number: number): readonly Followed[] | undefined {
    return number < this.#first.number ? undefined : this.#entries.slice(number - this.#first.number);
  }

  /** The events after these positions; undefined when some of them are no longer kept. */
  after(positions: Positions): readonly StoredEvent[] | undefined {
    if (this.#first.positions.some((seq, shard) => (positions[shard] ?? 0) < seq)) return undefined;
    return this.#entries.filter(({ event }) => event.seq > (positions[event.shard] ?? 0)).map(({ event }) => event);
  }

  append(events: readonly StoredEvent[]): readonly Followed[] {
    const entries = events.map((event) => {
      this.#heads = this.#heads.with(event.shard, event.seq);
      return followedAt(event, this.#heads);
    });
    this.#entries.push(...entries);
    if (this.#entries.length >= 2 * kept) this.#forget(this.#entries.length - kept);
    return entries;
  }

  /** Restarts the line after these positions and drops its events. */
  beginAt(heads: Positions): void {
    this.#first = { number: this.end(), positions: heads };
    this.#entries = [];
    this.#heads = heads;
  }

  #forget(count: number): void {
    const dropped = this.#entries.splice(0, count);
    const positions = [...this.#first.positions];
    for (const { event } of dropped) positions[event.shard] = event.seq;
    this.#first = { number: this.#first.number + dropped.length, positions };
  }
}

const nowhere: Positions = Array.from({ length: shardCount }, () => 0);
