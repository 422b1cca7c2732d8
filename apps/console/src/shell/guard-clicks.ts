/** Two clicks that are closer than this are at the same place: the size of the smallest target. Two fast taps on neighbours count as a double click, too. */
const samePlacePixels = 24;

/**
 * Ends two kinds of clicks before any handler hears of them.
 *
 * The second click of a double click: the first may have put something else under the pointer, such as Try again in place of Cancel, the next photo in
 * place of the one that was decided on, or the backdrop that closes what was just opened. Where a second click means the same again, `data-repeats` says so.
 *
 * Clicks on what is `aria-disabled`, which a button is while its request is on its way: `disabled` would take the focus from who pressed it.
 */
export function guardClicks(): void {
  let last = { x: 0, y: 0 };
  const onClick = (event: MouseEvent): void => {
    const isSecond = event.detail > 1 && Math.hypot(event.clientX - last.x, event.clientY - last.y) < samePlacePixels;
    last = { x: event.clientX, y: event.clientY };
    const pressed = pressedBy(event);
    const isUnmeant = pressed?.getAttribute('aria-disabled') === 'true' || (isSecond && pressed?.hasAttribute('data-repeats') === false);
    if (!isUnmeant) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener('click', onClick, { capture: true });
}

/** What acts when it is clicked; null for text and fields. */
function pressedBy({ target }: MouseEvent): Element | null {
  if (!(target instanceof Element)) return null;
  return target.matches('dialog') ? target : target.closest('button, a[href]');
}
