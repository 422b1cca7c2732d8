/**
 * Where what had the focus goes away with what it did, such as Cancel with the request, gives the focus to what stood around it. The browser would give
 * it to the page, where a screen reader starts over. Whoever knows a better place moves it there afterwards.
 */
export function keepFocus(): void {
  let around: Element[] = [];
  addEventListener('focusin', ({ target }) => {
    around = target instanceof Element ? ancestorsOf(target) : [];
  });
  const observer = new MutationObserver(() => {
    const [focused] = around;
    if (focused === undefined || focused.isConnected || document.activeElement !== document.body) return;
    const place = around.find((one) => one.isConnected);
    if (place instanceof HTMLElement && place !== document.body) focusOnce(place);
  });
  observer.observe(document.body, { childList: true, subtree: true });
}

function ancestorsOf(element: Element): Element[] {
  const found: Element[] = [];
  for (let one: Element | null = element; one !== null; one = one.parentElement) found.push(one);
  return found;
}

/** Without making it a stop on the way of the Tab key. A frame around most of the window would tell nobody where they are. */
function focusOnce(place: HTMLElement): void {
  if (!place.hasAttribute('tabindex')) {
    place.tabIndex = -1;
    place.toggleAttribute('data-unframed', place.offsetHeight > innerHeight / 2);
    const forget = (): void => ['tabindex', 'data-unframed'].forEach((name) => place.removeAttribute(name));
    place.addEventListener('blur', forget, { once: true });
  }
  place.focus({ preventScroll: true });
}
