import type { Block } from './read-blocks.ts';

/** Addresses that stand for the reader's own server. */
const addresses = /https?:\/\/(?:127\.0\.0\.1:4700|media\.example(?:\.com)?)(?=[/"'\s]|$)/g;

/**
 * The commands of one page as one script, as a reader types them one after another. What the reader has to fill in (`TOKEN=…`) is there already;
 * after each block the script waits until nothing is left to do, as a person does who reads on. A request that is refused ends it.
 */
export function writeScript(blocks: readonly Block[], baseURL: string): string {
  const parts = blocks.map(({ text, line }) => {
    const typed = text.replaceAll(/^\w+=…[^\n]*$/gm, '').replaceAll(addresses, baseURL);
    return `at_line=${line}\n${typed}\nsettle\n`;
  });
  return `${preamble}${parts.join('\n')}`;
}

const preamble = `set -euo pipefail
at_line=0
trap 'code=$?; [ $code -eq 0 ] || echo "The block that begins in line $at_line ended with $code." >&2' EXIT
curl() {
  local fail=--fail-with-body arg
  for arg in "$@"; do [ "$arg" != -f ] || fail=''; done
  command curl $fail --max-time 60 "$@"
}
safelight() { "$SAFELIGHT_NODE" --conditions=safelight-source "$SAFELIGHT_ENTRY" "$@"; }
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
