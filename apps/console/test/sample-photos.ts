import sharp from 'sharp';

/** A picture that looks like an uploaded photograph, drawn by code: no file of anybody is in the repository. */
export type SamplePhoto = { name: string; width: number; height: number; draw: (random: Random) => string };
type Random = () => number;

/** The same numbers on every machine (mulberry32). */
const seeded = (seed: number): Random => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const gradient = (id: string, stops: readonly string[], upright = true): string =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="${upright ? 0 : 1}" y2="${upright ? 1 : 0}">${stops
    .map((colour, index) => `<stop offset="${index / (stops.length - 1)}" stop-color="${colour}"/>`)
    .join('')}</linearGradient>`;

/** A line across the picture, rough like mountains or soft like dunes. */
const skyline = (random: Random, width: number, height: number, base: number, rise: number, roughness: number): string => {
  let heights = [random(), random()].map((value) => value * rise);
  for (let spread = rise; heights.length < 400; spread *= roughness) {
    heights = heights.flatMap((value, index) => {
      const next = heights[index + 1];
      return next === undefined ? [value] : [value, (value + next) / 2 + (random() - 0.5) * spread];
    });
  }
  const step = width / (heights.length - 1);
  return `M0 ${height} ${heights.map((value, index) => `L${(index * step).toFixed(1)} ${(base - value).toFixed(1)}`).join(' ')} L${width} ${height}Z`;
};

type Light = { sky: readonly string[]; far: string; near: string; sun: string; sunAt: [number, number] };

/** Ridge behind ridge, each one a little closer to the colour of the air. */
const ridges =
  (light: Light, roughness = 0.52) =>
  (width: number, height: number) =>
  (random: Random): string => {
    const layers = 6;
    const [x, y] = [light.sunAt[0] * width, light.sunAt[1] * height];
    const hills = Array.from({ length: layers }, (_, index) => {
      const depth = index / (layers - 1);
      const line = skyline(random, width, height, height * (0.52 + 0.4 * depth), height * (0.16 - 0.04 * depth), roughness);
      return `<path d="${line}" fill="${light.far}"/><path d="${line}" fill="${light.near}" opacity="${(0.12 + 0.85 * depth).toFixed(2)}"/>`;
    });
    return `<defs>${gradient('sky', light.sky)}<radialGradient id="glow"><stop offset="0" stop-color="${light.sun}"/><stop offset=".12" stop-color="${light.sun}" stop-opacity=".75"/><stop offset="1" stop-color="${light.sun}" stop-opacity="0"/></radialGradient></defs>
      <rect width="${width}" height="${height}" fill="url(#sky)"/><circle cx="${x}" cy="${y}" r="${height * 0.6}" fill="url(#glow)"/><circle cx="${x}" cy="${y}" r="${height * 0.045}" fill="#fffaf0"/>${hills.join('')}`;
  };

/** A curve through the points, split into short lines (Catmull–Rom). */
const smoothProfile = (points: readonly Point[]): Point[] =>
  points.slice(0, -1).flatMap((from, index) => {
    const to = points[index + 1] ?? from;
    const before = points[index - 1] ?? from;
    const after = points[index + 2] ?? to;
    return Array.from({ length: 24 }, (_, step): Point => {
      const t = step / 23;
      const at = (axis: 0 | 1): number =>
        0.5 *
        (2 * from[axis] +
          (to[axis] - before[axis]) * t +
          (2 * before[axis] - 5 * from[axis] + 4 * to[axis] - after[axis]) * t ** 2 +
          (3 * from[axis] - before[axis] - 3 * to[axis] + after[axis]) * t ** 3);
      return [at(0), at(1)];
    });
  });

type Point = [number, number];
const noPoint: Point = [0, 0];
type Glaze = { wall: readonly string[]; table: string; body: readonly string[]; accent: string };

/** A turned vase on a table, lit from the left: a seller's photograph. */
const pottery = (glaze: Glaze, profile: readonly Point[]) => (width: number, height: number) => (): string => {
  const middle = width * 0.5;
  const unit = height / 100;
  const outline = smoothProfile(profile);
  const points = [...outline.map(([radius, y]) => [radius, y] as const), ...outline.toReversed().map(([radius, y]) => [-radius, y] as const)];
  const body = `M${points.map(([x, y]) => `${(middle + x * unit).toFixed(1)} ${(y * unit).toFixed(1)}`).join('L')}Z`;
  const top = profile[0] ?? noPoint;
  const bottom = profile.at(-1) ?? noPoint;
  return `<defs>${gradient('wall', glaze.wall)}${gradient('body', glaze.body, false)}<filter id="soft" x="-1" y="-1" width="3" height="3"><feGaussianBlur stdDeviation="${unit * 2.2}"/></filter><clipPath id="shape"><path d="${body}"/></clipPath></defs>
      <rect width="${width}" height="${height}" fill="url(#wall)"/><rect y="${height * 0.72}" width="${width}" height="${height * 0.28}" fill="${glaze.table}"/>
      <ellipse cx="${middle + bottom[0] * unit * 2.2}" cy="${(bottom[1] + 1) * unit}" rx="${bottom[0] * unit * 3.2}" ry="${unit * 4}" fill="#000" opacity=".38" filter="url(#soft)"/>
      <path d="${body}" fill="url(#body)"/>
      <g clip-path="url(#shape)"><rect x="0" y="${unit * 46}" width="${width}" height="${unit * 5}" fill="${glaze.accent}" opacity=".8"/><rect x="0" y="${unit * 53}" width="${width}" height="${unit * 1.2}" fill="${glaze.accent}" opacity=".6"/>
      <ellipse cx="${middle - unit * 9}" cy="${unit * 42}" rx="${unit * 2.6}" ry="${unit * 17}" fill="#fff" opacity=".42" filter="url(#soft)"/></g>
      <ellipse cx="${middle}" cy="${top[1] * unit}" rx="${top[0] * unit}" ry="${unit * 1.5}" fill="#1c120d" opacity=".75"/>`;
};

/** Fruit on cloth. */
const citrus =
  (cloth: readonly string[], peel: readonly [string, string, string]) =>
  (width: number, height: number) =>
  (random: Random): string => {
    const unit = height / 100;
    const fruits = Array.from({ length: 7 }, (_, index) => ({
      x: width * (0.2 + 0.1 * index + 0.05 * random()),
      y: height * (0.42 + 0.32 * random()),
      r: unit * (11 + 5 * random()),
    }));
    const drawn = fruits
      .toSorted((a, b) => a.y - b.y)
      .map(
        ({ x, y, r }) =>
          `<ellipse cx="${x + r * 0.5}" cy="${y + r * 0.8}" rx="${r * 1.15}" ry="${r * 0.4}" fill="#000" opacity=".4" filter="url(#soft)"/><circle cx="${x}" cy="${y}" r="${r}" fill="url(#peel)"/><circle cx="${x + r * 0.15}" cy="${y - r * 0.72}" r="${r * 0.08}" fill="#4a5a24"/>`,
      );
    return `<defs>${gradient('cloth', cloth)}<radialGradient id="peel" cx=".36" cy=".3" r=".8"><stop offset="0" stop-color="${peel[0]}"/><stop offset=".45" stop-color="${peel[1]}"/><stop offset="1" stop-color="${peel[2]}"/></radialGradient><filter id="soft" x="-1" y="-1" width="3" height="3"><feGaussianBlur stdDeviation="${unit * 1.8}"/></filter></defs><rect width="${width}" height="${height}" fill="url(#cloth)"/>${drawn.join('')}`;
  };

const amphora: Point[] = [
  [6, 20],
  [5, 27],
  [17, 42],
  [18, 56],
  [9, 74],
  [9, 79],
];
const bowl: Point[] = [
  [19, 42],
  [20, 48],
  [18, 60],
  [12, 70],
  [8, 76],
  [8, 79],
];
const bottle: Point[] = [
  [3.5, 14],
  [3.5, 26],
  [6, 36],
  [13, 50],
  [13, 66],
  [12, 79],
];

const scene = (name: string, width: number, height: number, make: (width: number, height: number) => (random: Random) => string): SamplePhoto => ({
  name,
  width,
  height,
  draw: make(width, height),
});

export const samplePhotos: readonly [SamplePhoto, ...SamplePhoto[]] = [
  scene(
    'ridge-at-dusk.jpg',
    2400,
    1600,
    ridges({ sky: ['#2b2350', '#8c3f5f', '#f08a5d', '#ffd9a0'], far: '#d9795f', near: '#1d1530', sun: '#ffd08a', sunAt: [0.64, 0.47] }),
  ),
  scene(
    'stoneware-amphora.jpg',
    1600,
    2000,
    pottery({ wall: ['#d8cbb9', '#b9a78f'], table: '#7d5f45', body: ['#c9b08f', '#8d6a48', '#3d2818'], accent: '#2f4b58' }, amphora),
  ),
  scene('blood-oranges.jpg', 2400, 1600, citrus(['#22323a', '#3d5560'], ['#ffd08f', '#f0782c', '#8e2412'])),
  scene(
    'morning-haze.jpg',
    2400,
    1600,
    ridges({ sky: ['#7fb0c9', '#bcd7dc', '#f3e9d6'], far: '#b9d0d0', near: '#23464b', sun: '#fff3d6', sunAt: [0.3, 0.34] }),
  ),
  scene(
    'celadon-bowl.jpg',
    2000,
    2000,
    pottery({ wall: ['#efe7da', '#d3c4ae'], table: '#a58869', body: ['#cfe0cf', '#7fa58d', '#34564a'], accent: '#f3efe0' }, bowl),
  ),
  scene('dunes.jpg', 2400, 1600, ridges({ sky: ['#e8b184', '#f3d3a6', '#f9ecd2'], far: '#e2a970', near: '#7a3d22', sun: '#fff1cf', sunAt: [0.78, 0.3] }, 0.36)),
  scene(
    'cobalt-bottle.jpg',
    1600,
    2000,
    pottery({ wall: ['#caa58a', '#a97d60'], table: '#4a2f22', body: ['#7fa3e0', '#274a9a', '#0c1740'], accent: '#e9d9b8' }, bottle),
  ),
  scene(
    'northern-night.jpg',
    2400,
    1600,
    ridges({ sky: ['#03091c', '#0d2b3f', '#1f6f63'], far: '#1b5a55', near: '#02060d', sun: '#a8f0cf', sunAt: [0.42, 0.3] }),
  ),
  scene('lemons.jpg', 2400, 1600, citrus(['#6d2f28', '#93463a'], ['#fff3b0', '#f2c522', '#9a6a0c'])),
  scene(
    'red-valley.jpg',
    2400,
    1600,
    ridges({ sky: ['#3b0d12', '#8f1f1b', '#e4572e', '#ffb35c'], far: '#b8412a', near: '#1a0608', sun: '#ffcf86', sunAt: [0.5, 0.45] }),
  ),
];

/** The picture like from a camera: a JPEG with a little grain. */
export async function renderPhoto({ name, width, height, draw }: SamplePhoto): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${draw(seeded(name.split('').reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7)))}</svg>`;
  const grain = await sharp({ create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 14 } } })
    .png()
    .toBuffer();
  return await sharp(Buffer.from(svg))
    .composite([{ input: grain, blend: 'soft-light' }])
    .flatten({ background: '#000000' })
    .jpeg({ quality: 88 })
    .toBuffer();
}

/** 16 megapixels that a decoder processes hundreds of times: a progressive JPEG with empty scans at its end. */
export async function heavyPhoto(): Promise<Buffer> {
  const bytes = await sharp({ create: { width: 4000, height: 4000, channels: 3, background: '#444' } })
    .jpeg({ progressive: true })
    .toBuffer();
  const end = bytes.length - 2;
  const scan = bytes.subarray(bytes.lastIndexOf(Buffer.from([0xff, 0xda])), end);
  return Buffer.concat([bytes.subarray(0, end), ...Array.from({ length: 200 }, () => scan), bytes.subarray(end)]);
}
