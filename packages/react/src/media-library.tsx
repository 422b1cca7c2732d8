'use client';
import { asProblem, type Media } from '@safelight/client';
import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';

import { KitContext } from './context.ts';
import type { Labels } from './labels.ts';
import { Glyph } from './glyph.tsx';
import { useLabels } from './use-labels.ts';
import { useAnnouncer } from './live-region.tsx';
import { MediaImage, type Shown } from './media-image.tsx';
import { frameOf, part, withRef, type FrameProps, type PartProps } from './part.tsx';
import { useKit, type KitOptions } from './provider.ts';
import { useWindow } from './use-window.ts';

/** A record, or a URL with the path for deletion. */
export type LibraryItem = Media | { url: string; path: string; name?: string | undefined };

export type MediaLibraryProps = KitOptions &
  FrameProps<'div'> & {
    items: readonly LibraryItem[];
    /** Called with the object path, or the id of a record that has none. The result says whether there is an undo. */
    onDelete?: ((path: string, item: LibraryItem) => unknown) | undefined;
    onRestore?: ((id: string) => unknown) | undefined;
    onOpen?: ((item: LibraryItem) => void) | undefined;
    hasMore?: boolean | undefined;
    loadMore?: (() => void) | undefined;
    isLoading?: boolean | undefined;
    /** The content below a picture; by default its name. */
    children?: ((item: LibraryItem) => ReactNode) | undefined;
  };

const Frame = part('div', 'library');
const Grid = part('ul', 'grid', 'idle');
const Cell = part('li', 'cell');
const Open = part('button', 'open');
const Foot = part('span', 'foot');
const Name = part('span', 'name');
const Action = part('button', 'action');
const Undo = part('div', 'undo');
const Problem = part('p', 'problem');
const Empty = part('p', 'empty');
const More = part('button', 'more');

const isRecord = (item: LibraryItem): item is Media => 'id' in item;
const pathOfItem = (item: LibraryItem): string => item.path ?? (isRecord(item) ? item.id : '');
/** The name of an item without alt text: the name of generated media is only a number, but the owner knows the prompt. */
const fileNameOf = ({ originalFileName, generated, id }: Media): string => generated?.prompt ?? originalFileName ?? id;
const nameOfItem = (item: LibraryItem): string => (isRecord(item) ? item.altText || fileNameOf(item) : (item.name ?? item.path.split('/').at(-1) ?? item.path));
/** The name next to its picture: repeating the alt text would only be noise for screen readers. */
const captionOf = (item: LibraryItem): string => (isRecord(item) ? fileNameOf(item) : nameOfItem(item));
const altOf = (item: LibraryItem): string => (isRecord(item) ? (item.altText ?? '') : '');
const shownOf = (item: LibraryItem): Shown => (isRecord(item) ? item : { url: item.url });

type Deleted = { item: LibraryItem; name: string };

/** After a deletion, keyboard users continue at the neighbour of the deleted item, not at the top of the page. */
function useNeighbour(items: readonly LibraryItem[], list: RefObject<HTMLUListElement | null>) {
  const focusNext = useRef<number | null>(null);
  useEffect(() => {
    const at = focusNext.current;
    focusNext.current = null;
    if (at === null) return;
    const buttons = list.current?.querySelectorAll<HTMLElement>('[data-delete]') ?? [];
    (buttons[Math.min(at, buttons.length - 1)] ?? list.current)?.focus();
  }, [items, list]);
  /** The index among the buttons in the document. */
  return (at: number | null): void => void (focusNext.current = at);
}

/** The last deletion, its announcement and its undo. */
function useDeletion({ onDelete, onRestore }: MediaLibraryProps, labels: Labels, say: (text: string) => void, remember: (at: number | null) => void) {
  const [deleted, setDeleted] = useState<Deleted | null>(null);
  const [problem, setProblem] = useState('');
  const attempt = async (act: () => unknown, done: () => void): Promise<void> => {
    setProblem('');
    try {
      await act();
      done();
    } catch (error) {
      remember(null);
      const { detail } = asProblem(error);
      setProblem(detail);
      say(detail);
    }
  };
  const remove = async (item: LibraryItem, at: number): Promise<void> => {
    remember(at);
    const name = nameOfItem(item);
    await attempt(
      () => onDelete?.(pathOfItem(item), item),
      () => {
        setDeleted({ item, name });
        say(labels.deleted(name));
      },
    );
  };
  const undo = async ({ item, name }: Deleted): Promise<void> =>
    await attempt(
      () => isRecord(item) && onRestore?.(item.id),
      () => {
        setDeleted(null);
        say(labels.restored(name));
      },
    );
  return { deleted, problem, remove, undo };
}

function Whole(props: MediaLibraryProps): React.JSX.Element {
  const { items, onDelete, onRestore, onOpen, hasMore = false, loadMore, isLoading = false, children } = props;
  const kit = useKit(props);
  const labels = useLabels(props.labels);
  const list = useRef<HTMLUListElement>(null);
  const remember = useNeighbour(items, list);
  const { from, to, before, after } = useWindow(list, items.length);
  const isLong = to - from < items.length;
  const { say, region } = useAnnouncer();
  const { deleted, problem, remove, undo } = useDeletion(props, labels, say, remember);

  const state = isLoading ? 'loading' : items.length === 0 ? 'empty' : 'idle';
  return (
    <KitContext.Provider value={kit}>
      <Frame {...frameOf(props)} data-state={state}>
        {items.length === 0 && !isLoading && <Empty>{labels.empty}</Empty>}
        <Grid
          ref={list}
          aria-label={labels.library}
          tabIndex={-1}
          aria-busy={isLoading}
          data-state={state}
          style={isLong ? { paddingBlock: `${before}px ${after}px` } : undefined}
        >
          {items.slice(from, to).map((item, index) => (
            <Item
              key={isRecord(item) ? item.id : item.path}
              item={item}
              onOpen={onOpen}
              onDelete={onDelete && (() => void remove(item, index))}
              {...(isLong ? { 'aria-setsize': items.length, 'aria-posinset': from + index + 1 } : {})}
            >
              {children?.(item)}
            </Item>
          ))}
        </Grid>
        {hasMore && loadMore && (
          <More type="button" onClick={loadMore} aria-disabled={isLoading}>
            {labels.more}
          </More>
        )}
        {problem && <Problem>{problem}</Problem>}
        {deleted && onRestore && isRecord(deleted.item) && (
          <Undo>
            <span>{labels.deleted(deleted.name)}</span>
            <Action type="button" onClick={() => void undo(deleted)}>
              {labels.undo}
            </Action>
          </Undo>
        )}
        {region}
      </Frame>
    </KitContext.Provider>
  );
}

export type LibraryItemProps = Omit<PartProps<'li'>, 'onDelete'> & {
  item: LibraryItem;
  onOpen?: ((item: LibraryItem) => void) | undefined;
  onDelete?: (() => void) | undefined;
};

function Item({ item, onOpen, onDelete, children, ...props }: LibraryItemProps): React.JSX.Element {
  const labels = useLabels();
  const name = nameOfItem(item);
  // The name of the button is what it shows: the picture, and the mark of what was generated.
  const picture = <MediaImage media={shownOf(item)} alt={onOpen ? name : altOf(item)} thumbnail={isRecord(item)} sizes="(min-width: 40rem) 14rem, 45vw" />;
  return (
    <Cell data-state={isRecord(item) ? item.status : 'ready'} {...props}>
      {onOpen ? (
        <Open type="button" onClick={() => onOpen(item)}>
          {picture}
        </Open>
      ) : (
        picture
      )}
      <Foot>
        {children ?? <Name title={captionOf(item)}>{captionOf(item)}</Name>}
        {onDelete && (
          <Action type="button" data-delete="" onClick={onDelete} aria-label={labels.remove(name)}>
            <Glyph d="M5 1h6v1h4v2H1V2h4zM2 5h12l-1 10H3z" />
          </Action>
        )}
      </Foot>
    </Cell>
  );
}

/** A grid of the library, with delete and undo. */
export const MediaLibrary = Object.assign(withRef(Whole), { Grid, Item: withRef(Item) });
