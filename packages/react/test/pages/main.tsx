import { StrictMode, type ComponentType } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';

import { SeedPage } from './seed.tsx';
import { ServedPage } from './served.tsx';
import * as studio from './studio.tsx';

const pages: Record<string, ComponentType<never>> = { ...studio, SeedPage };
const uploaded: unknown[] = [];
let root: Root | undefined;

/** What a test asks of the page. */
Object.assign(globalThis, {
  uploaded,
  show(name: string, props: Record<string, unknown>) {
    const Page = pages[name] as ComponentType<Record<string, unknown>>;
    root ??= createRoot(document.querySelector('#root') as HTMLElement);
    root.render(
      <StrictMode>
        <Page {...props} onUploaded={(result: unknown) => uploaded.push(result)} />
      </StrictMode>,
    );
  },
  hide() {
    root?.unmount();
    root = undefined;
  },
  takeOver() {
    hydrateRoot(document.querySelector('#root') as HTMLElement, <ServedPage />);
  },
});
