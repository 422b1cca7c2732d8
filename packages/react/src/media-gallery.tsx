'use client';
import type { Media } from '@safelight/client';
import { createContext, useContext, type ReactNode } from 'react';

import type { CollectionItem } from './standing.ts';
import { KitContext } from './context.ts';
import { Glyph } from './glyph.tsx';
import { useLabels } from './use-labels.ts';
import { useAnnouncer } from './live-region.tsx';
import { MediaImage, type Shown } from './media-image.tsx';
import { both, frameOf, part, withRef, type FrameProps, type PartProps } from './part.tsx';
import { useKit, type KitOptions } from './provider.ts';
import { useQuickPreview } from './use-quick-preview.ts';
import { useReorder, type HandleProps } from './use-reorder.ts';

/** Records, or the items of `useMediaCollection`, including drafts. */
export type GalleryItem = Media | CollectionItem;

export type MediaGalleryProps = KitOptions &
  FrameProps<'div'> & {
    items: readonly GalleryItem[];
    /** Moves the item with this `key` or `id` to a position, from 0. Without it nothing moves. */
    onMove?: ((key: string, to: number) => void) | undefined;
    onRemove?: ((key: string) => void) | undefined;
    /** Further content below a picture: fields, buttons. */
    children?: ((item: GalleryItem) => ReactNode) | undefined;
  };

const Frame = part('div', 'gallery');
const List = part('ol', 'grid', 'idle');
const Cell = part('li', 'cell');
const Foot = part('span', 'foot');
const HandleButton = part('button', 'handle');
const Action = part('button', 'action');
const Place = part('label', 'place');
const Problem = part('p', 'problem');

type GalleryContext = Pick<MediaGalleryProps, 'onMove' | 'onRemove'> & { keys: readonly string[]; handle: (key: string) => HandleProps; lifted: string | null };
const Gallery = createContext<GalleryContext | null>(null);

const isItem = (item: GalleryItem): item is CollectionItem => 'key' in item;
const keyOf = (item: GalleryItem): string => (isItem(item) ? item.key : item.id);
const noDraft = { file: null, preview: null };

function useShown(item: GalleryItem): Shown {
  const { file, preview } = isItem(item) ? item : noDraft;
  const url = useQuickPreview(file, preview);
  return !isItem(item) ? item : item.media?.src ? item.media : { url };
}
function nameOf(item: GalleryItem): string {
  if (!isItem(item)) return item.altText ?? item.originalFileName ?? item.id;
  const file = item.file && 'name' in item.file && typeof item.file.name === 'string' ? item.file.name : null;
  return item.altText || item.media?.originalFileName || file || item.key;
}

function Whole(props: MediaGalleryProps): React.JSX.Element {
  const { items, onMove, onRemove, children } = props;
  const kit = useKit(props);
  const labels = useLabels(props.labels);
  const { say, region } = useAnnouncer();
  const keys = items.map(keyOf);
  const { lifted, handle } = useReorder({
    keys,
    nameOf: (key) => nameOf(items.find((item) => keyOf(item) === key) ?? ({ id: key } as Media)),
    onMove: (key, to) => onMove?.(key, to),
    labels,
    say,
  });
  return (
    <KitContext.Provider value={kit}>
      <Gallery.Provider value={{ onMove, onRemove, keys, handle, lifted }}>
        <Frame {...frameOf(props)} data-state={lifted === null ? 'idle' : 'lifted'}>
          <List aria-label={labels.gallery} data-state={lifted === null ? 'idle' : 'lifted'}>
            {items.map((item) => (
              <Item key={keyOf(item)} item={item}>
                {children?.(item)}
              </Item>
            ))}
          </List>
          {region}
        </Frame>
      </Gallery.Provider>
    </KitContext.Provider>
  );
}

export type GalleryItemProps = PartProps<'li'> & { item: GalleryItem };

function Item({ item, children, ...props }: GalleryItemProps): React.JSX.Element {
  const gallery = useContext(Gallery);
  const labels = useLabels();
  const key = keyOf(item);
  const name = nameOf(item);
  const shown = useShown(item);
  const at = gallery?.keys.indexOf(key) ?? 0;
  const onMove = gallery?.onMove;
  const onRemove = gallery?.onRemove;
  return (
    <Cell data-key={key} data-state={gallery?.lifted === key ? 'lifted' : isItem(item) && !item.media ? 'draft' : 'idle'} {...props}>
      <MediaImage media={shown} alt={name} sizes="(min-width: 40rem) 14rem, 45vw" />
      <Foot>
        {onMove && (
          <>
            <Handle item={item} />
            <Place>
              {/* Without dragging, and without the keys: WCAG 2.5.7. */}
              <select aria-label={labels.moveTo(name)} value={at} onChange={({ target }) => onMove(key, Number(target.value))}>
                {gallery?.keys.map((other, index) => (
                  <option key={other} value={index}>
                    {index + 1}
                  </option>
                ))}
              </select>
            </Place>
          </>
        )}
        {onRemove && (
          <Action type="button" onClick={() => onRemove(key)} aria-label={labels.remove(name)}>
            <Glyph d="M5 1h6v1h4v2H1V2h4zM2 5h12l-1 10H3z" />
          </Action>
        )}
      </Foot>
      {isItem(item) && item.problem && <Problem>{item.problem.detail}</Problem>}
      {children}
    </Cell>
  );
}

function Handle({ item, ...props }: PartProps<'button'> & { item: GalleryItem }): React.JSX.Element {
  const gallery = useContext(Gallery);
  const labels = useLabels();
  const { onKeyDown, onPointerDown, onBlur, ...state } = gallery?.handle(keyOf(item)) ?? {};
  return (
    <HandleButton
      type="button"
      aria-label={labels.reorder(nameOf(item))}
      title={labels.reorderHint}
      data-state={gallery?.lifted === keyOf(item) ? 'lifted' : 'idle'}
      {...state}
      {...props}
      onKeyDown={both(props.onKeyDown, onKeyDown)}
      onPointerDown={both(props.onPointerDown, onPointerDown)}
      onBlur={both(props.onBlur, onBlur)}
    >
      <Glyph d="M5 2h2v2H5zm4 0h2v2H9zM5 7h2v2H5zm4 0h2v2H9zm-4 5h2v2H5zm4 0h2v2H9z" />
    </HandleButton>
  );
}

/** Pictures that the user can reorder by dragging, with the keyboard, or by typing a position. */
export const MediaGallery = Object.assign(withRef(Whole), { List, Item: withRef(Item), Handle: withRef(Handle) });
