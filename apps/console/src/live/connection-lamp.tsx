import { useLive } from './live.ts';

const words = { open: 'Live', connecting: 'Connecting', reconnecting: 'Reconnecting', closed: 'Not live', offline: 'Offline' } as const;

/** Whether what is on the screen is up to date by itself. */
export function ConnectionLamp() {
  const { connection, online } = useLive();
  const state = online ? connection.state : 'offline';
  return (
    <span className="lamp" data-state={state} role="status" title={connection.problem?.detail}>
      {words[state]}
    </span>
  );
}
