import { createHmac, randomUUID } from 'node:crypto';

import type { Browser, Locator, Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';

import { expectNoAxeViolations } from '../../server/test/support/browser.ts';
import { describeInBrowser } from '../../server/test/support/describe-in-browser.ts';
import type { Product } from '../../server/test/support/product.ts';
import { openProductInBrowser } from '../../server/test/support/product-in-browser.ts';
import { buildKit, openKit, show, type Kit, type OpenKit } from './open-kit.ts';

const jwtSecret = 'a secret of the tests, long enough to sign with';
type Chosen = { name: string; mimeType: string; buffer: Buffer };

describeInBrowser('the kit', () => {
  let product: Product;
  let browser: Browser;
  let kit: Kit;
  let picture: Buffer;
  beforeAll(async () => {
    const draw = sharp({ create: { width: 640, height: 480, channels: 3, background: '#4a6fa5' } })
      .jpeg()
      .toBuffer();
    const [opened, built, drawn] = await Promise.all([openProductInBrowser({ env: { SAFELIGHT_JWT_SECRET: jwtSecret } }), buildKit(), draw]);
    ({ product, browser } = opened);
    [kit, picture] = [built, drawn];
    return opened.close;
  });

  const open = async (name: string, props: Record<string, unknown> = {}, context: OpenKit['context'] = {}): Promise<Page> => {
    const page = await openKit({ product, browser, kit, context });
    await show(page, name, { token: product.token, ...props });
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  const photo = (name: string): Chosen => ({ name, mimeType: 'image/jpeg', buffer: picture });
  const choose = async (page: Page, files: Chosen[], by = 'Choose files'): Promise<void> => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: by }).click();
    await (await chooser).setFiles(files);
  };
  const fileOf = (page: Page, name: string): Locator => page.getByRole('list', { name: 'Files' }).getByRole('listitem').filter({ hasText: name });
  const stateOf = (page: Page, name: string, state: string): Locator => page.locator(`.sl-file[data-state="${state}"]`).filter({ hasText: name });
  const api = async (pathname: string, init: RequestInit = {}): Promise<Response> =>
    await fetch(product.url + pathname, { ...init, headers: { authorization: `Bearer ${product.token}` } });
  const put = async (fields: Record<string, string>, name: string): Promise<{ id: string }> => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    form.set('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), name);
    return ((await (await api('/v1/media', { method: 'POST', body: form })).json()) as { media: { id: string } }).media;
  };

  describe('the seed’s file verbatim', () => {
    test('uploads to the default collection, shows the picture once it can be shown, and deletes it by its path', async () => {
      const page = await open('SeedPage', { apiPrefix: '/v1' });
      const opened = page.waitForRequest((request) => request.url().endsWith('/upload/init'));
      await choose(page, [photo('sea.jpg')]);
      expect((await opened).postDataJSON()).toMatchObject({ filename: 'sea.jpg', contentType: 'image/jpeg' });
      const shown = page.getByRole('list', { name: 'Media' }).getByText('sea.jpg');
      await shown.waitFor();
      expect(await page.getByRole('list', { name: 'Media' }).locator('img').getAttribute('src')).toMatch(/^http/);
      const deleted = page.waitForRequest((request) => request.method() === 'DELETE');
      await expectNoAxeViolations(page);
      await page.getByRole('button', { name: 'Remove sea.jpg' }).last().click();
      await shown.waitFor({ state: 'detached' });
      const { pathname } = new URL((await deleted).url());
      const [, id] = /^\/v1\/media\/media\/.+\/(.+)\/sea\.jpg$/.exec(pathname) ?? [];
      expect((await api(`/v1/media/${id}`)).status).toBe(410);
    });

    test('uses an empty API prefix as it is', async () => {
      const page = await open('SeedPage', { apiPrefix: '' });
      const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/meta/media-rules');
      await choose(page, [photo('sea.jpg')]);
      await asked;
    });

    test('shows why a file was refused, until it is reset', async () => {
      const page = await open('SeedPage', { apiPrefix: '/v1' });
      await choose(page, [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('not a picture') }]);
      await page.getByRole('alert').filter({ hasText: 'not accepted' }).waitFor();
      await page.getByRole('button', { name: 'Dismiss' }).click();
      await page.getByRole('alert').waitFor({ state: 'detached' });
    });
  });

  test('SSR and hydration without a warning: every component is rendered on a server and hydrated in a browser', async () => {
    const page = await openKit({ product, browser, kit, rendered: true });
    await page.getByRole('button', { name: 'Choose files' }).first().waitFor();
    await page.evaluate(() => (globalThis as unknown as { takeOver: () => void }).takeOver());
    await expect.poll(() => page.locator('.sl-image[data-state="loaded"]').count()).toBe(3);
    expect(await page.locator('.sl-image').first().locator('img').getAttribute('fetchpriority')).toBe('high');
    expect(kit.html).not.toContain('undefined');
  });

  test('50 files with one bad: forty-nine are uploaded, and the other one shows what is wrong with it', async () => {
    const page = await open('UploadPage');
    const files = Array.from({ length: 50 }, (_, index) =>
      index === 20 ? { name: 'torn.jpg', mimeType: 'image/jpeg', buffer: picture.subarray(0, 900) } : photo(`photo-${index}.jpg`),
    );
    await choose(page, files);
    const values: (number | null)[] = await page.evaluate(async () => {
      const seen: number[] = [];
      while (document.querySelectorAll('.sl-file[data-state="done"], .sl-file[data-state="failed"]').length < 50) {
        const bar = document.querySelector<HTMLProgressElement>('.sl-uploader > .sl-bar');
        if (bar && bar.position >= 0 && seen.at(-1) !== bar.position) seen.push(bar.position);
        await new Promise(requestAnimationFrame);
      }
      return seen;
    });
    expect(await page.locator('.sl-file[data-state="done"]').count()).toBe(49);
    await fileOf(page, 'torn.jpg')
      .getByText(/damaged|decode|broken|corrupt|cut/i)
      .waitFor();
    expect(values.length, values.join(', ')).toBeGreaterThan(10);
    expect(values.at(-1)).toBeLessThan(1);
    await page
      .getByText(/torn\.jpg failed|49 files are uploaded/)
      .first()
      .waitFor({ state: 'attached' });
  });

  test('offline in the middle: an interrupted upload continues by itself when the network is back', async () => {
    const page = await open('UploadPage');
    const held: Route[] = [];
    await page.route('**/storage/**', (route) => void held.push(route));
    await choose(page, [photo('tunnel.jpg')]);
    await expect.poll(() => held.length, { timeout: 30_000 }).toBe(1);
    await page.context().setOffline(true);
    await held[0]?.abort('internetdisconnected');
    await fileOf(page, 'tunnel.jpg').getByText('Waiting for the network').waitFor();
    await page.unroute('**/storage/**');
    await page.context().setOffline(false);
    await stateOf(page, 'tunnel.jpg', 'done').waitFor();
  });

  test('tab closed and resumed: if the same file is chosen again, only the missing parts are sent', async () => {
    const page = await open('UploadPage', { collection: 'product.files', entityType: 'product', entityId: randomUUID() });
    const film = { name: 'film.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(20 * 2 ** 20, 7) };
    const parts = (route: { request: () => { url: () => string; method: () => string } }): number =>
      route.request().method() === 'PUT' ? Number(new URL(route.request().url()).searchParams.get('part')) : 0;
    const isPart = /\/storage\/.*[?&]part=/;
    await page.route(isPart, async (route) => {
      if (parts(route) <= 1) await route.continue();
      // The other parts are not answered before the page is closed.
    });
    const first = page.waitForResponse((response) => isPart.test(response.url()) && response.request().method() === 'PUT');
    // Always with the same modification time, like a file on a disk.
    const drop = async (): Promise<void> =>
      await page.evaluate(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(20 * 2 ** 20).fill(7)], 'film.bin', { type: 'application/octet-stream', lastModified: 1_700_000_000_000 }));
        for (const type of ['dragenter', 'dragover', 'drop'])
          document.querySelector('.sl-dropzone')?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
      });
    expect(film.buffer.length).toBe(20 * 2 ** 20);
    const destination = { collection: 'product.files', entityType: 'product', entityId: randomUUID() };
    await show(page, 'UploadPage', { token: product.token, ...destination });
    await drop();
    await first;
    page.on('dialog', (dialog) => void dialog.accept());
    // The parts stay blocked until the page is closed, so that none is sent in between.
    await page.reload();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    const sent: number[] = [];
    page.on('request', (request) => {
      if (isPart.test(request.url()) && request.method() === 'PUT') sent.push(Number(new URL(request.url()).searchParams.get('part')));
    });
    await show(page, 'UploadPage', { token: product.token, ...destination });
    await page.locator('.sl-dropzone').waitFor();
    await drop();
    await stateOf(page, 'film.bin', 'done').waitFor();
    expect(sent.length).toBeGreaterThan(0);
    expect(sent).not.toContain(1);
  });

  test('token renewed in flight: a request that is refused with the old token is sent once more with the new one', async () => {
    const page = await openKit({ product, browser, kit });
    const [head, body] = [{ alg: 'HS256' }, { sub: 'ada', scope: 'media:write', exp: 1_700_000_000 }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const expired = `${head}.${body}.${createHmac('sha256', jwtSecret).update(`${head}.${body}`).digest('base64url')}`;
    const give = async (...tokens: string[]): Promise<void> => await page.evaluate((tokens) => void Object.assign(globalThis, { tokens }), tokens);
    await give(product.token);
    await show(page, 'RenewedPage', {});
    const refused: string[] = [];
    page.on('response', (response) => void (response.status() === 401 && refused.push(new URL(response.url()).pathname)));
    await page.route('**/storage/**', async (route) => {
      await give(expired, product.token);
      await route.continue();
    });
    await choose(page, [photo('renewed.jpg')]);
    await stateOf(page, 'renewed.jpg', 'done').waitFor();
    expect(refused).toHaveLength(1);
  });

  test('reads its headers for each attempt, and sends them only to the API', async () => {
    const page = await open('CountingPage');
    const asked: { path: string; count: string | undefined }[] = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (/^\/(v1|storage)\//.test(pathname)) asked.push({ path: pathname, count: request.headers()['x-asked'] });
    });
    let isFirst = true;
    await page.route('**/v1/media/upload/complete', async (route) => {
      if (isFirst) await route.abort('connectionreset');
      else await route.continue();
      isFirst = false;
    });
    await choose(page, [photo('renewed.jpg')]);
    await stateOf(page, 'renewed.jpg', 'done').waitFor();
    const completes = asked.filter(({ path }) => path.endsWith('/complete')).map(({ count }) => Number(count));
    expect(completes.length).toBeGreaterThanOrEqual(2);
    expect(new Set(completes).size).toBe(completes.length);
    expect(asked.filter(({ path }) => path.startsWith('/storage/')).map(({ count }) => count)).toEqual([undefined]);
  });

  test('unmount while uploading leaves nothing behind', async () => {
    const page = await open('UploadPage');
    const revoked = await page.evaluate(() => {
      const made: string[] = [];
      const gone: string[] = [];
      const { createObjectURL, revokeObjectURL } = URL;
      URL.createObjectURL = (blob) => {
        const url = createObjectURL.call(URL, blob);
        made.push(url);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        gone.push(url);
        revokeObjectURL.call(URL, url);
      };
      Object.assign(globalThis, { made, gone });
      return gone.length;
    });
    expect(revoked).toBe(0);
    await page.route('**/storage/**', () => undefined);
    const aborted = page.waitForRequest((request) => request.method() === 'DELETE' && request.url().includes('/upload/'));
    const held = page.waitForRequest('**/storage/**');
    await choose(page, [photo('left.jpg'), photo('behind.jpg')]);
    await held;
    await page.evaluate(() => (globalThis as unknown as { hide: () => void }).hide());
    await aborted;
    const { made, gone } = await page.evaluate(() => {
      const { made, gone } = globalThis as unknown as { made: string[]; gone: string[] };
      return { made, gone };
    });
    expect(made.length).toBe(2);
    expect(gone.toSorted()).toEqual(made.toSorted());
  });

  test('accepts any function that uploads, and shows its result', async () => {
    const page = await open('ForeignPage');
    await choose(page, [photo('good.jpg'), photo('bad.jpg')]);
    await stateOf(page, 'good.jpg', 'done').waitFor();
    await stateOf(page, 'bad.jpg', 'failed').getByText('We do not want this one.').waitFor();
    expect(await page.locator('body').getAttribute('data-completed')).toBe('good.jpg');
  });

  test('hostile file names are shown as names', async () => {
    const page = await open('UploadPage');
    const names = ['<img src=x onerror=alert(1)>.jpg', '\u202Egpj.exe.jpg', `${'very-long-'.repeat(24)}.jpg`, '"><script>1</script>.jpg'];
    await choose(page, names.map(photo));
    for (const name of names) await page.locator('.sl-file[data-state="done"]').getByTitle(name, { exact: true }).waitFor();
    expect(await page.locator('#root script, #root img[onerror]').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than the page').toBe(true);
  });

  test('shows a placeholder for a chosen picture that the browser cannot draw', async () => {
    const page = await open('UploadPage');
    await choose(page, [{ name: 'phone.heic', mimeType: 'image/heic', buffer: Buffer.from('no browser draws this') }]);
    await fileOf(page, 'phone.heic').locator('.sl-thumb[data-state="none"]').getByText('heic').waitFor();
  });

  describe('keyboard-only', () => {
    test('files are chosen with real buttons, one of which opens the camera of a phone', async () => {
      const page = await open('UploadPage');
      // Before something that the page answers: a key takes another way into the browser, and would arrive before the wish to be given the dialog.
      const chooser = page.waitForEvent('filechooser');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Choose files');
      await page.keyboard.press('Enter');
      await (await chooser).setFiles([photo('keys.jpg')]);
      await stateOf(page, 'keys.jpg', 'done').waitFor();
      await page.getByText('One file is uploaded').waitFor({ state: 'attached' });
      expect(await page.locator('input[capture="environment"]').getAttribute('accept')).toBe('image/*');
      await page.getByRole('button', { name: 'Take a photo' }).waitFor();
    });

    test('a file that is removed from the uploader leaves the focus in it', async () => {
      const page = await open('ForeignPage');
      await choose(page, [photo('one.jpg'), photo('bad.jpg')]);
      for (const name of ['one.jpg', 'bad.jpg']) {
        await page.getByRole('button', { name: `Remove ${name}` }).focus();
        await page.keyboard.press('Enter');
        await fileOf(page, name).waitFor({ state: 'detached' });
        await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.sl-uploader') !== null), { timeout: 30_000 }).toBe(true);
      }
    });

    test('after a deletion the focus moves to the neighbour, and the deletion can be undone', async () => {
      const names = ['first', 'second', 'third'].map((name) => `${name}-${randomUUID()}.jpg`);
      for (const name of names) await put({ collection: 'user.library' }, name);
      const page = await open('LibraryPage');
      const button = (name = ''): Locator => page.getByRole('button', { name: `Remove ${name}` });
      await button(names[1]).focus();
      await page.keyboard.press('Enter');
      await button(names[1]).waitFor({ state: 'detached' });
      await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(`Remove ${names[0]}`);
      await page.getByText(`${names[1]} was deleted.`).last().waitFor({ state: 'attached' });
      await page.getByRole('button', { name: 'Undo' }).press('Enter');
      await button(names[1]).waitFor();
      await expectNoAxeViolations(page);
    });

    test('a gallery is reordered by lifting an item and moving it with the arrow keys, or by choosing its position', async () => {
      const id = randomUUID();
      for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await put({ collection: 'artist.images', entityType: 'artist', entityId: id }, name);
      const page = await open('CollectionPage', { id });
      const order = async (): Promise<(string | null)[]> =>
        await page.locator('.sl-cell img').evaluateAll((all) => all.map((image) => image.getAttribute('alt')));
      await expect.poll(order).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
      await page.getByRole('button', { name: 'Reorder a.jpg' }).focus();
      await page.keyboard.press('Space');
      await page.getByText('a.jpg lifted, position 1 of 3.').waitFor({ state: 'attached' });
      await page.keyboard.press('ArrowRight');
      await page.getByText('a.jpg, position 2 of 3.').waitFor({ state: 'attached' });
      await page.keyboard.press('End');
      await expect.poll(order).toEqual(['b.jpg', 'c.jpg', 'a.jpg']);
      await page.keyboard.press('Escape');
      await expect.poll(order).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
      await page.getByLabel('Move c.jpg to').selectOption('1');
      await expect.poll(order).toEqual(['c.jpg', 'a.jpg', 'b.jpg']);
      await expectNoAxeViolations(page);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved').waitFor();
      const { media } = (await (await api(`/v1/entities/artist/${id}/media`)).json()) as { media: { originalFileName: string }[] };
      expect(media.map(({ originalFileName }) => originalFileName)).toEqual(['c.jpg', 'a.jpg', 'b.jpg']);
    });
  });

  test('a gallery is reordered with the pointer', async () => {
    const id = randomUUID();
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await put({ collection: 'artist.images', entityType: 'artist', entityId: id }, name);
    const page = await open('CollectionPage', { id });
    const handle = page.getByRole('button', { name: 'Reorder a.jpg' });
    await handle.waitFor();
    const to = await page.getByRole('img', { name: 'c.jpg' }).boundingBox();
    await handle.hover();
    await page.mouse.down();
    await page.mouse.move((to?.x ?? 0) + 20, (to?.y ?? 0) + 20, { steps: 5 });
    await page.mouse.up();
    await expect
      .poll(async () => await page.locator('.sl-cell img').evaluateAll((all) => all.map((image) => image.getAttribute('alt'))))
      .toEqual(['b.jpg', 'c.jpg', 'a.jpg']);
  });

  test('an edit form publishes its drafts only when they are saved, and merges them with what somebody else saved first', async () => {
    const id = randomUUID();
    const place = { collection: 'artist.images', entityType: 'artist', entityId: id };
    await put(place, 'mine.jpg');
    const page = await open('CollectionPage', { id });
    await page.getByRole('img', { name: 'mine.jpg' }).waitFor();
    await page.getByLabel('Add').setInputFiles([photo('draft.jpg')]);
    await page.locator('.sl-cell[data-state="draft"]').getByRole('img', { name: 'draft.jpg' }).waitFor();
    const { id: theirs } = await put(place, 'theirs.jpg');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').filter({ hasText: 'Somebody else was first: 1 added, 0 removed' }).waitFor();
    await page.getByRole('img', { name: 'theirs.jpg' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    const { media } = (await (await api(`/v1/entities/artist/${id}/media`)).json()) as { media: { id: string; originalFileName: string }[] };
    expect(media.map(({ originalFileName }) => originalFileName).toSorted()).toEqual(['draft.jpg', 'mine.jpg', 'theirs.jpg']);
    expect(media.map((one) => one.id)).toContain(theirs);
  });

  test('a library updates itself when files are added or deleted elsewhere', async () => {
    const page = await open('LibraryPage', { inGerman: true });
    const name = `elsewhere-${randomUUID()}.jpg`;
    const { id } = await put({ collection: 'user.library' }, name);
    await page.getByRole('listitem').filter({ hasText: name }).waitFor();
    await page.getByRole('button', { name: `${name} entfernen` }).waitFor();
    await api(`/v1/media/${id}`, { method: 'DELETE' });
    await page.getByRole('listitem').filter({ hasText: name }).waitFor({ state: 'detached' });
  });

  test('generates pictures and shows the results', async () => {
    const page = await open('GeneratePage');
    await page.getByLabel('What should it show?').fill('A lamp in a darkroom');
    await page.getByLabel('How many').fill('2');
    await page.getByRole('button', { name: 'Generate' }).click();
    await expect.poll(() => page.getByRole('list', { name: '2 results' }).getByRole('img').count(), { timeout: 40_000 }).toBeGreaterThanOrEqual(2);
    await expectNoAxeViolations(page);
  });

  test('a double click on Generate starts one generation and cancels none, and the keyboard keeps its place until it cancels', async () => {
    const page = await open('GeneratePage', { request: { provider: 'local', size: '64x64', providerOptions: { local: { delayMs: 60_000 } } } });
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'DELETE') sent.push('cancelled');
      else if (request.method() === 'POST' && request.url().endsWith('/generate/image')) sent.push('generated');
    });
    await page.getByLabel('What should it show?').fill('A lamp in a darkroom');
    const generate = page.getByRole('button', { name: 'Generate' });
    const cancel = page.getByRole('button', { name: 'Cancel' });
    await generate.dblclick();
    await cancel.waitFor();
    expect(await generate.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await expectNoAxeViolations(page);
    await page.keyboard.press('Tab');
    expect(await cancel.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await cancel.waitFor({ state: 'detached' });
    expect(sent).toEqual(['generated', 'cancelled']);
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe('sl-generate');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
  });

  test('a job is followed until it has ended, with its progress, and can be cancelled; another id follows that one, and none follows nothing', async () => {
    const ask = async (local: object): Promise<string> => {
      const body = JSON.stringify({ prompt: 'a lamp', provider: 'local', size: '64x64', providerOptions: { local } });
      const headers = { authorization: `Bearer ${product.token}`, 'content-type': 'application/json' };
      return ((await (await fetch(`${product.url}/v1/generate/image`, { method: 'POST', headers, body })).json()) as { jobId: string }).jobId;
    };
    const [slow, quick] = [await ask({ delayMs: 60_000 }), await ask({})];
    const page = await open('JobPage', { jobId: slow });
    await page.getByText('generate.image active', { exact: true }).waitFor();
    // One picture is made in one step: nobody knows how far it is.
    expect(await page.getByRole('progressbar').count()).toBe(0);
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('generate.image cancelled, ended').waitFor();
    await show(page, 'JobPage', { token: product.token, jobId: quick });
    await page.getByText('generate.image complete, ended').waitFor();
    expect(await page.getByRole('progressbar').evaluate((bar) => (bar as HTMLProgressElement).position)).toBe(1);
    await show(page, 'JobPage', { token: product.token, jobId: randomUUID() });
    await page.getByRole('alert').waitFor();
    await page.getByText('nothing', { exact: true }).waitFor();
    await show(page, 'JobPage', { token: product.token, jobId: null });
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test.each([
    ['narrow and light', { width: 360, height: 740 }, 'light'],
    ['narrow and dark', { width: 360, height: 740 }, 'dark'],
    ['wide and light', { width: 2560, height: 1300 }, 'light'],
    ['wide and dark', { width: 2560, height: 1300 }, 'dark'],
  ] as const)('has no accessibility problem and does not scroll sideways: %s', async (_name, viewport, colorScheme) => {
    const page = await open('UploadPage', {}, { viewport, colorScheme });
    await choose(page, [photo('one.jpg'), { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no') }]);
    await stateOf(page, 'one.jpg', 'done').waitFor();
    await stateOf(page, 'notes.txt', 'failed').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await expectNoAxeViolations(page);
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
    await expectNoAxeViolations(page);
  });
});
