/** The watchdog's own exit codes; any other is the exit status of Postgres. */
export const watchdogExit = { locked: 75, foreignSocketDir: 76 } as const;

/**
 * The shell script between us and Postgres: `sh -c watchdog <name> <data dir> <socket dir> <"stale" or ""> <postgres> <its arguments…>`.
 *
 * We hold the other end of its standard input and never write to it. When that end closes, because we stop or because we were killed without a chance
 * to clean up, Postgres is told to stop: first with a fast shutdown, after 10 s with an immediate one (no checkpoint), after 15 s with SIGKILL. The
 * script ends when Postgres does, for whatever reason, with its exit status.
 *
 * It ignores the signals that a terminal or a service manager sends to every process: Postgres ends when we end, after the connections were drained.
 * Where `flock` exists (every Linux), the script and every process of Postgres hold a lock on a file in the data directory, which the kernel releases
 * with the last of them; it also works between containers that share a directory, where process ids mean nothing.
 *
 * A directory for the socket that cannot be made, as on a full disk, is an ordinary failure with its reason: only one that is there may be somebody else's.
 */
export const watchdog = `
data=$1 sockets=$2 stale=$3
shift 3
trap '' HUP INT TERM
exec 3<&0 </dev/null
if command -v flock >/dev/null 2>&1; then
  exec 9>>"$data/safelight.lock"
  flock -n 9 || exit ${watchdogExit.locked}
fi
reason=$(mkdir -m 700 "$sockets" 2>&1) || [ -e "$sockets" ] || [ -L "$sockets" ] || { echo "$reason" >&2; exit 1; }
[ ! -L "$sockets" ] && [ -d "$sockets" ] && [ -O "$sockets" ] && chmod 700 "$sockets" || exit ${watchdogExit.foreignSocketDir}
[ "$stale" = stale ] && rm -f "$data/postmaster.pid" "$sockets"/.s.PGSQL.*.lock
"$@" 3<&- &
postgres=$!
(
  patience() {
    tries=$1
    while [ "$tries" -gt 0 ]; do
      sleep 0.1
      kill -0 "$postgres" || exit 0
      tries=$((tries - 1))
    done
  }
  read -r line <&3
  kill -INT "$postgres"
  patience 100
  kill -QUIT "$postgres"
  patience 50
  kill -KILL "$postgres"
) >/dev/null 2>&1 9>&- &
stopper=$!
exec 3<&-
wait "$postgres"
status=$?
kill -KILL "$stopper" 2>/dev/null
rmdir "$sockets" 2>/dev/null
exit "$status"
`;
