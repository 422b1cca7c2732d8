import type { ComponentType } from 'react';

/** A page in a file of its own: `load` asks for it once, for the first that needs it, and again after a failure. `loaded` is null until it is there. */
export type LoadedPage = { load: () => Promise<ComponentType>; loaded: () => ComponentType | null };

export function pageOf(load: () => Promise<ComponentType>): LoadedPage {
  let loading: Promise<ComponentType> | null = null;
  let content: ComponentType | null = null;
  const once = async (): Promise<ComponentType> => {
    try {
      content = await load();
      return content;
    } catch (error) {
      loading = null;
      throw error;
    }
  };
  return {
    load: () => {
      loading ??= once();
      return loading;
    },
    loaded: () => content,
  };
}
