import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Imports a TypeScript file of the application as an ES module, whatever the nearest package.json says: `npm init` writes `"type": "commonjs"`, under
 * which Node would refuse the first `import`, and without a type it warns. This also applies to the files that it imports, except those of packages.
 */
export async function importAsModule(file: string): Promise<unknown> {
  const hooks = registerHooks({
    load: (url, context, nextLoad) => nextLoad(url, isOwnTypeScript(url) ? { ...context, format: 'module-typescript' } : context),
  });
  try {
    return await import(pathToFileURL(file).href);
  } finally {
    hooks.deregister();
  }
}

const isOwnTypeScript = (url: string): boolean => url.startsWith('file:') && /\.ts(?:\?|$)/.test(url) && !url.includes('/node_modules/');
