import { defineCommand, UsageError } from './command.ts';

/** The shapes with templates in `templates/`. */
export const shapes = {
  'artist-platform': 'galleries and a profile picture, clips and tracks, public at once',
  'listing-photos': 'photos from phones, reviewed before others see them',
  'creator-shop': 'files that only buyers get, and public pictures of them',
  'ai-studio': 'a library for each user, and media made by machines',
} as const;
type Shape = keyof typeof shapes;

const isShape = (name: string): name is Shape => Object.hasOwn(shapes, name);
const list = Object.entries(shapes)
  .map(([name, what]) => `  ${name.padEnd(16)} ${what}`)
  .join('\n');

export const init = defineCommand({
  name: 'init',
  summary: 'Write a first configuration into this folder.',
  details: `Writes safelight.config.ts and .env.example for one of four applications, and overwrites nothing unless told to:\n${list}`,
  arguments: [{ name: 'application', purpose: `${Object.keys(shapes).join(', ')}.` }],
  options: { force: { type: 'boolean', purpose: 'Overwrite existing files.' } },
  examples: [
    { args: 'init listing-photos', purpose: 'Then: safelight doctor, safelight start.' },
    { args: 'init ai-studio --force --json', purpose: 'Overwrite existing files, and list the written ones as JSON.' },
  ],
  async run({ arguments: [name = ''], options, cwd }) {
    if (!isShape(name)) {
      const { closestName } = await import('../lib/closest-name.ts');
      const meant = closestName(name, Object.keys(shapes));
      throw new UsageError(`There is no template "${name}".${meant === null ? '' : ` Did you mean ${meant}?`} There are:\n${list}`);
    }
    const { writeTemplate } = await import('./write-template.ts');
    const written = await writeTemplate({ shape: name, folder: cwd, overwrite: options.force === true });
    const next = ['npx safelight doctor', 'npx safelight start', 'npx safelight token --scope media:write --sub ada'];
    const why = [
      'tests this machine and the configuration',
      'starts everything in one process; open the URL that it prints',
      'prints a token like those that your back end will sign',
    ];
    const steps = next.map((command, at) => `  ${command.padEnd(50)} ${why[at]}`).join('\n');
    return { data: { application: name, written, next }, text: `Written: ${written.join(', ')}\nNext:\n${steps}` };
  },
});
