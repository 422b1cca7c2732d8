import { createClient } from '@safelight/client';
import { MediaLibrary, MediaUploader, SafelightProvider, useMediaLibrary, useMediaUpload } from '@safelight/react';
import { german } from '@safelight/react/german';
import { useMemo } from 'react';

/** Two servers on one page, and a third that a hook names; each hook may add headers of its own. */
export function ServersPage() {
  const [one, two, three] = useMemo(() => ['one', 'two', 'three'].map((name) => createClient({ baseURL: `http://${name}.test`, token: name })), []);
  return (
    <main>
      <h1>Servers</h1>
      <SafelightProvider client={one} services={three && { studio: three }}>
        <Library />
        <Library headers={{ 'x-tenant': 'a' }} apiPrefix="" />
        <Library serviceName="studio" headers={{ authorization: 'Bearer own' }} />
        <Library serviceName="only a label" headers={{ 'x-tenant': 'b' }} />
        <SafelightProvider client={two}>
          <Library />
        </SafelightProvider>
      </SafelightProvider>
    </main>
  );
}

function Library(service: { serviceName?: string; apiPrefix?: string; headers?: Record<string, string> }) {
  const library = useMediaLibrary({ live: false, ...service });
  return <MediaLibrary {...library} />;
}

/** An upload whose server and whose token function are as the test says. */
export function FaultyPage({ baseURL = '', token, inGerman = false }: { baseURL?: string; token?: string; inGerman?: boolean }) {
  const client = useMemo(() => {
    const signOut = (): never => {
      throw new TypeError('The session is over.');
    };
    return createClient({ baseURL, token: token === undefined ? signOut : token });
  }, [baseURL, token]);
  return (
    <SafelightProvider client={client} {...(inGerman ? { labels: german } : {})}>
      <main>
        <h1>Upload</h1>
        <MediaUploader collection="user.library" />
      </main>
    </SafelightProvider>
  );
}

/** The application gets another token whenever it is asked; the test says which. */
export function RenewedPage() {
  const { upload } = useMediaUpload({
    collection: 'user.library',
    headers: () => {
      const { tokens } = globalThis as unknown as { tokens: string[] };
      return { authorization: `Bearer ${tokens.length > 1 ? tokens.shift() : tokens[0]}` };
    },
  });
  return (
    <main>
      <h1>Upload</h1>
      <MediaUploader upload={upload} />
    </main>
  );
}

const told: Record<string, number> = {};
function count(name: string): void {
  told[name] = (told[name] ?? 0) + 1;
  document.body.dataset['told'] = JSON.stringify(told);
}
const attempts = new Set<string>();
async function uploadAtLast({ name }: File): Promise<string> {
  const isFirst = !attempts.has(name);
  attempts.add(name);
  if (isFirst && name.startsWith('stubborn')) throw new Error('Not now.');
  return await Promise.resolve(name);
}

/** A function of the application's own that takes the second attempt, and a count of what was told. */
export function StubbornPage() {
  return (
    <main>
      <h1>Upload</h1>
      <MediaUploader upload={uploadAtLast} onUploadComplete={() => count('complete')} onUploadError={() => count('error')} />
    </main>
  );
}

export function RefusingPage() {
  return (
    <main>
      <h1>Library</h1>
      <MediaLibrary items={[{ url: 'data:,', path: 'media/ada/sea.jpg' }]} onDelete={() => Promise.reject(new Error('It is in use.'))} />
    </main>
  );
}
