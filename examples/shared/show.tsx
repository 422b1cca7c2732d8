import './page.css';
import '@safelight/react/styles.css';
import type { Client } from '@safelight/client';
import { SafelightProvider } from '@safelight/react';
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

/** Renders an example's pages. */
export function show(client: Client, pages: ReactNode): void {
  const root = document.querySelector('#root');
  if (root === null) throw new Error('index.html has an element #root.');
  createRoot(root).render(
    <StrictMode>
      <SafelightProvider client={client}>{pages}</SafelightProvider>
    </StrictMode>,
  );
}
