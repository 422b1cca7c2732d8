import type { Block } from './read-blocks.ts';

/** URLs in the documents that stand for the reader's own server. */
const addresses = /https?:\/\/(?:127\.0\.0\.1:4700|media\.example(?:\.com)?)(?=[/"'\s]|$)/g;

/**
 * The commands of one page as one script, like a reader who types them one after another. Values that the reader has to fill in (`TOKEN=…`) are set
 * already; after each block the script waits until all jobs are done, like a person who reads on. A refused request ends it.
 */
export function writeScript(blocks: readonly Block[], baseURL: string): string {
  const parts = blocks.map(({ text, line, refused }) => {
    const typed = text
      .replaceAll(/^\w+=…[^\n]*$/gm, '')
      .replaceAll(addresses, baseURL)
      .replaceAll(/\/(?:var\/backups|backup)\//g, './backups/')
      .replaceAll(/^(# .* exits with 1\.\n)/gm, '$1exits_with_1 ')
      .replaceAll('postgres://… ', '"$READER_DATABASE_URL" ');
    const done = refused === null ? typed : `is_refused=yes\n{\n${typed}\n} > refused.txt\nis_refused=\ngrep ${refused} refused.txt`;
    return `at_line=${line}\n${done}\nsettle\n`;
  });
  return `${preamble}${parts.join('\n')}`;
}

const preamble = `set -euo pipefail
at_line=0
is_refused=
trap 'code=$?; [ $code -eq 0 ] || echo "The block that begins in line $at_line ended with $code." >&2' EXIT
curl() {
  local fail=--fail-with-body arg
  [ -z "$is_refused" ] || fail=
  for arg in "$@"; do case "$arg" in -f|--fail-with-body) fail= ;; -N) follow_stream "$@"; return ;; esac; done
  command curl $fail --max-time 60 "$@"
}
run_safelight() { "$SAFELIGHT_NODE" --conditions=safelight-source "$SAFELIGHT_ENTRY" "$@"; }
# Told apart by how it ends: time is up (28), with something that was said.
follow_stream() { command curl -f --max-time 2 "$@" > stream.txt || [ $? -eq 28 ]; [ -s stream.txt ]; }
# What runs until Ctrl-C runs until it is ready.
safelight() {
  case "$*" in
    serve*|worker*|"webhooks listen"*) until_ready "$@" ;;
    start*) SAFELIGHT_DATA_DIR=./data until_ready "$@" ;;
    # Not of the product that all pages share, but of one that a backup has come to.
    restore*|reset*|"database move"*) SAFELIGHT_DATA_DIR=./restored run_safelight "$@" ;;
    *) run_safelight "$@" ;;
  esac
}
until_ready() {
  # What the one before has said would count as ready, and a signal to a process that has not begun yet is lost.
  : > ready.txt
  PORT=0 "$SAFELIGHT_NODE" --conditions=safelight-source "$SAFELIGHT_ENTRY" "$@" > ready.txt 2>&1 &
  local pid=$!
  while kill -0 "$pid" 2> /dev/null; do
    if grep -q -e 'is ready' -e '"ready":true' -e 'signed with' ready.txt; then kill "$pid"; wait "$pid" || true; return 0; fi
    sleep 0.1
  done
  cat ready.txt >&2
  return 1
}
exits_with_1() { local code=0; "$@" || code=$?; [ $code -eq 1 ]; }
npx() { shift; safelight "$@"; }
settle() {
  for _ in $(seq 1200); do
    left=''
    for state in queued active retrying; do
      left+=$(command curl -sf "$API/jobs?state=$state&limit=1" -H "Authorization: Bearer $TOKEN" | jq '.jobs | length')
    done
    [ "$left" = 000 ] && return 0
    sleep 0.1
  done
  echo 'Jobs were left after two minutes.' >&2
  return 1
}
`;
