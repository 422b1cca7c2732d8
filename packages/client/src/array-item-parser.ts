/**
 * Finds the items of the first array of a JSON document while it is still arriving: `{"name": [item, item, …], …}`, where items are
 * objects. `push` returns the items that are complete so far; `end` returns the document with that array emptied, or undefined if the document was cut off.
 */
export function createArrayItemParser(): { push: (chunk: string) => unknown[]; end: () => unknown } {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let inArray: 'ahead' | 'inside' | 'behind' = 'ahead';
  let item = '';
  let frame = '';
  let closed = false;

  const push = (chunk: string): unknown[] => {
    const items: unknown[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const letter = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (letter === '\\') escaped = true;
        else if (letter === '"') inString = false;
      } else if (letter === '"') inString = true;
      else if (letter === '{' || letter === '[') {
        depth += 1;
        if (letter === '[' && depth === 2 && inArray === 'ahead') {
          inArray = 'inside';
          frame += chunk.slice(from, at + 1);
          from = at + 1;
        } else if (letter === '{' && depth === 3 && inArray === 'inside') from = at;
      } else if (letter === '}' || letter === ']') {
        depth -= 1;
        if (inArray === 'inside' && letter === '}' && depth === 2) {
          items.push(JSON.parse(item + chunk.slice(from, at + 1)));
          item = '';
          from = at + 1;
        } else if (inArray === 'inside' && depth === 1) {
          inArray = 'behind';
          from = at;
        } else if (depth === 0) closed = true;
      }
    }
    if (inArray !== 'inside') frame += chunk.slice(from);
    else if (depth > 2) item += chunk.slice(from);
    return items;
  };
  return { push, end: () => (closed ? (JSON.parse(frame) as unknown) : undefined) };
}
