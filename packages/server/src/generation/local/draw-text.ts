/** Three bytes per pixel. */
export type Canvas = { pixels: Buffer; width: number; height: number };

/** Five columns by seven rows, one line per row. */
const glyphs: Record<string, readonly string[]> = {
  L: ['#....', '#....', '#....', '#....', '#....', '#....', '#####'],
  O: ['.###.', '#...#', '#...#', '#...#', '#...#', '#...#', '.###.'],
  C: ['.###.', '#...#', '#....', '#....', '#....', '#...#', '.###.'],
  A: ['.###.', '#...#', '#...#', '#####', '#...#', '#...#', '#...#'],
  I: ['.###.', '..#..', '..#..', '..#..', '..#..', '..#..', '.###.'],
  '–': ['.....', '.....', '.....', '#####', '.....', '.....', '.....'],
  n: ['.....', '.....', '#.##.', '##..#', '#...#', '#...#', '#...#'],
  o: ['.....', '.....', '.###.', '#...#', '#...#', '#...#', '.###.'],
  t: ['.#...', '.#...', '####.', '.#...', '.#...', '.#..#', '..##.'],
};
const columns = 6;

/** Writes a line in white on a black band at the bottom, as wide as the picture allows. */
export function drawText({ pixels, width, height }: Canvas, text: string): void {
  const dot = Math.max(1, Math.floor(width / ((text.length + 2) * columns)));
  const band = Math.min(height, 11 * dot);
  pixels.fill(0, (height - band) * width * 3);
  const top = height - band + 2 * dot;
  for (const [index, letter] of Array.from(text).entries()) {
    for (const [row, line] of (glyphs[letter] ?? []).entries()) {
      for (const [column, mark] of line.split('').entries()) {
        if (mark === '#') fillSquare({ pixels, width, height }, { x: dot * ((index + 1) * columns + column), y: top + row * dot, side: dot });
      }
    }
  }
}

function fillSquare({ pixels, width, height }: Canvas, { x, y, side }: { x: number; y: number; side: number }): void {
  for (let row = y; row < Math.min(height, y + side); row++) {
    const start = (row * width + x) * 3;
    const end = (row * width + Math.min(width, x + side)) * 3;
    if (start < end) pixels.fill(255, start, end);
  }
}
