type Message = { from: string; to: string; text: string; isAnswer: boolean };

const width = 688;
const rowHeight = 40;
const top = 44;

/** A sequence diagram as a drawing in the colours of the page. */
export function drawSequence(diagram: string): string {
  const messages = [...diagram.matchAll(/^ *(\w+)(-->>|->>)(\w+): (.+)$/gm)].map(([, from = '', arrow, to = '', text = '']): Message => ({
    from,
    to,
    text,
    isAnswer: arrow === '-->>',
  }));
  const lanes = [...new Set(messages.flatMap(({ from, to }) => [from, to]))];
  const xOf = (lane: string): number => Math.round((width / lanes.length) * (lanes.indexOf(lane) + 0.5));
  const height = top + messages.length * rowHeight + 8;
  const told = messages.map(({ from, to, text, isAnswer }) => `${from} ${isAnswer ? 'answers' : 'to'} ${to}: ${text}`).join('. ');
  return `<svg v-pre class="sequence" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(told)}">
${lanes.map((lane) => drawLane(lane, xOf(lane), height)).join('\n')}
${messages.map((message, index) => drawMessage(message, xOf(message.from), xOf(message.to), top + (index + 1) * rowHeight - 8)).join('\n')}
</svg>\n`;
}

const drawLane = (lane: string, x: number, height: number): string =>
  `<line class="lane" x1="${x}" y1="30" x2="${x}" y2="${height}"/><text class="name" x="${x}" y="18" text-anchor="middle">${escaped(lane)}</text>`;

function drawMessage({ text, isAnswer }: Message, from: number, to: number, y: number): string {
  const tip = to > from ? -7 : 7;
  const middle = Math.min(Math.max((from + to) / 2, text.length * 3.4), width - text.length * 3.4);
  return `<text x="${middle}" y="${y - 8}" text-anchor="middle">${escaped(text)}</text><path class="${isAnswer ? 'answer' : 'ask'}" d="M${from} ${y}H${to}"/><path class="tip" d="M${to} ${y}l${tip} -4v8z"/>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
