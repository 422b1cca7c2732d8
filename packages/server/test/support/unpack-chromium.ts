import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export type Chromium = { readonly executablePath: string; readonly env: Record<string, string> };

/**
 * Unpacks the Chromium that npm installed, with the libraries that a bare Debian lacks (NSS, NSPR, expat) and one font, and returns how to start it.
 * It stays under `node_modules/.cache`, one folder per version (210 MB, two seconds the first time).
 *
 * The package unpacks into the temporary directory of its process and takes a half-written file for a finished one. So each caller unpacks in a child
 * process with a directory of its own, and the first to finish renames it to the shared one.
 */
export const unpackChromium = async (): Promise<Chromium> => {
  const packageFolder = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const cache = join(packageFolder, '../../.cache/safelight');
  const home = join(cache, `chromium-${version}`);
  if (!existsSync(home)) await unpackInto(home, cache);
  return {
    executablePath: join(home, 'chromium'),
    env: { LD_LIBRARY_PATH: join(home, 'al2023/lib'), FONTCONFIG_FILE: join(home, 'fonts.conf') },
  };
};

const unpackInto = async (home: string, cache: string): Promise<void> => {
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'unpacking-'));
  try {
    const code = `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: import.meta.dirname,
      // Outside of AWS the package leaves its libraries packed unless this variable is set.
      env: { ...process.env, TMPDIR: draft, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' },
      timeout: 60_000,
    });
    await writeFile(join(draft, 'fonts.conf'), fontsOf(home));
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

/** The packaged configuration looks for fonts in fixed places of AWS; this one has only the packaged font, so pages look the same everywhere. */
const fontsOf = (home: string): string =>
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, 'fonts/fonts')}</dir>
  <cachedir>${join(home, 'font-cache')}</cachedir>
</fontconfig>
`;
