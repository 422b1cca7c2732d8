import { StrictMode, type ComponentType } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';

import * as hostile from './hostile.tsx';
import { PicturePage } from './picture.tsx';
import { ManyPage } from './many.tsx';
import { OrderPage } from './order.tsx';
import { PartsPage } from './parts.tsx';
import { ChosenPage, PreviewPage } from './preview.tsx';
import { QueryPage } from './query.tsx';
import { UploadPage, type UploadPageProps } from './seed.tsx';
import { ServedPage } from './served.tsx';
import * as studio from './studio.tsx';

const SeedPage = (props: UploadPageProps) => (
  <main>
    <UploadPage {...props} />
  </main>
);
const pages: Record<string, ComponentType<never>> = {
  ManyPage,
  OrderPage,
  PartsPage,
  ...hostile,
  ...studio,
  PicturePage,
  PreviewPage,
  ChosenPage,
  QueryPage,
  SeedPage,
};
let root: Root | undefined;

/** What a test asks of the page. */
Object.assign(globalThis, {
  show(name: string, props: Record<string, unknown>) {
    const Page = pages[name] as ComponentType<Record<string, unknown>>;
    root ??= createRoot(document.querySelector('#root') as HTMLElement);
    root.render(
      <StrictMode>
        <Page {...props} />
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
