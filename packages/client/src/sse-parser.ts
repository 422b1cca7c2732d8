/** One dispatched message of an event stream. */
export type SseMessage = { id: string; event: string; data: string };

export type SseParser = {
  /** Takes the next piece of decoded text, however it was cut, and returns the messages that it completed. */
  push: (text: string) => SseMessage[];
  /** The server's last `retry:`, in milliseconds. */
  readonly retryMs: number | undefined;
};

/**
 * Parses `text/event-stream` as the HTML standard says (§9.2.6): lines end in LF, CR or CRLF, an `id` stays in force for later
 * messages, an `id` with a NUL is ignored, a message without data is not dispatched, and an unfinished message at the end is dropped.
 */
export function createSseParser(): SseParser {
  let pending = '';
  let started = false;
  let id = '';
  let event = '';
  let data: string[] = [];
  let retryMs: number | undefined;

  const takeLine = (line: string): SseMessage | undefined => {
    if (line === '') {
      const message = data.length === 0 ? undefined : { id, event: event === '' ? 'message' : event, data: data.join('\n') };
      event = '';
      data = [];
      return message;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    return undefined;
  };

  return {
    get retryMs() {
      return retryMs;
    },
    push(text) {
      pending += !started && text.startsWith('\uFEFF') ? text.slice(1) : text;
      started ||= text !== '';
      const messages: SseMessage[] = [];
      let from = 0;
      for (let at = 0; at < pending.length; at += 1) {
        const character = pending[at];
        if (character !== '\n' && character !== '\r') continue;
        // A CR at the very end may be the first half of a CRLF: the line waits for the next piece.
        if (character === '\r' && at === pending.length - 1) break;
        const message = takeLine(pending.slice(from, at));
        if (message) messages.push(message);
        if (character === '\r' && pending[at + 1] === '\n') at += 1;
        from = at + 1;
      }
      pending = pending.slice(from);
      return messages;
    },
  };
}
