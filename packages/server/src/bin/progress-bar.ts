export type ProgressBar = {
  /** `total` is null when it is unknown. */
  update(done: number, total: number | null): void;
  /** Removes the bar, so that the next output starts on a clean line. */
  clear(): void;
};

type Stream = Pick<NodeJS.WriteStream, 'write' | 'columns'>;

const everyMs = 100;
const cells = 24;
/** For a terminal that does not report its width. */
const usualColumns = 80;
const silent: ProgressBar = { update: () => undefined, clear: () => undefined };

/** One line that is redrawn at most ten times a second. */
export function createProgressBar({
  label,
  stream,
  enabled,
  now = () => performance.now(),
}: {
  label: string;
  stream: Stream;
  enabled: boolean;
  now?: () => number;
}): ProgressBar {
  if (!enabled) return silent;
  const startedAt = now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(done, total) {
      const at = now();
      if (at - drawnAt < everyMs) return;
      drawnAt = at;
      const line = `${label} ${describe(done, total, (at - startedAt) / 1000)}`;
      stream.write(`\r\u001b[K${line.slice(0, Math.max(20, (stream.columns ?? usualColumns) - 1))}`);
    },
    clear: () => void stream.write('\r\u001b[K'),
  };
}

function describe(done: number, total: number | null, seconds: number): string {
  const pace = seconds > 1 ? ` ${Math.round(done / seconds).toLocaleString('en')}/s` : '';
  if (total === null || total <= 0) return `${done.toLocaleString('en')}${pace}`;
  const part = Math.min(1, done / total);
  const filled = Math.round(part * cells);
  const left = part > 0.02 && seconds > 1 ? ` ${Math.ceil((seconds / part) * (1 - part))} s left` : '';
  return `${'█'.repeat(filled)}${'░'.repeat(cells - filled)} ${Math.floor(part * 100)} % ${done.toLocaleString('en')} of ${total.toLocaleString('en')}${pace}${left}`;
}
