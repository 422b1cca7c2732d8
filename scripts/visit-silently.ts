import { openBrowser, whyNoBrowser } from '../packages/server/test/support/browser.ts';

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof openBrowser>>['newPage']>>;

/** Opens a page of its own in Chromium and throws if the page, or React in it, logs anything. Returns the reason if no browser can run here. */
export async function visitSilently(visit: (page: Page) => Promise<void>): Promise<string | undefined> {
  if (whyNoBrowser !== undefined) return whyNoBrowser;
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(error.message));
    page.on('console', (message) => {
      // A missing server, or a refusal, does not matter to this visit.
      if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource')) said.push(message.text());
    });
    await visit(page);
    if (said.length > 0) throw new Error(`The page had something to say:\n${said.join('\n')}`);
  } finally {
    await browser.close();
  }
}
