/** With the entry when it was not in the list, without it when it was. */
export const toggled = <Entry extends string>(list: readonly Entry[], entry: Entry): Entry[] =>
  list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];
