'use client';
import {
  cloneElement,
  createElement,
  forwardRef,
  memo,
  useContext,
  type ComponentPropsWithoutRef,
  type CSSProperties,
  type ForwardRefExoticComponent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
  type Ref,
  type RefAttributes,
} from 'react';

import { KitContext } from './context.ts';

type Tag = 'a' | 'article' | 'button' | 'div' | 'figure' | 'img' | 'label' | 'li' | 'ol' | 'p' | 'progress' | 'section' | 'span' | 'ul';

/** The properties that `render` receives: all that the element would have had. */
export type RenderedProps = { className?: string | undefined; style?: CSSProperties | undefined; children?: ReactNode; ref?: Ref<never> } & Record<
  string,
  unknown
>;
export type RenderProp = ReactElement | ((props: RenderedProps) => ReactElement);

export type PartProps<Name extends Tag> = ComponentPropsWithoutRef<Name> &
  RefAttributes<HTMLElementTagNameMap[Name]> & {
    /** Another element to render instead, which gets the properties; or a function of them. */
    render?: RenderProp | undefined;
    'data-state'?: string | undefined;
  };
export type Part<Name extends Tag> = ForwardRefExoticComponent<PartProps<Name>>;
/** The properties of the outermost element of a component. */
export type FrameProps<Name extends Tag> = Pick<PartProps<Name>, Framed>;
type Framed = 'className' | 'id' | 'ref' | 'render' | 'style';

/** @internal */
export const frameOf = <Props extends { [Name in Framed]?: unknown }>({ className, id, ref, render, style }: Props): Pick<Props, Framed> => ({
  className,
  id,
  ref,
  render,
  style,
});

type Handler = (event: { defaultPrevented: boolean }) => void;

/**
 * Runs the application's event handler, then the part's own, unless the application prevents it.
 * @internal
 */
export const both =
  <Event extends { defaultPrevented: boolean }>(theirs: ((event: Event) => void) | undefined, ours: ((event: Event) => void) | undefined) =>
  (event: Event): void => {
    theirs?.(event);
    if (!event.defaultPrevented) ours?.(event);
  };

const joined = (...names: (string | undefined)[]): string => names.filter(Boolean).join(' ');

/**
 * An element that has a class unless it is unstyled, and that another element can replace. For a button a double click is one click: the second would
 * meet what the first has put under the pointer, such as Remove in place of Stop, or the next picture in place of the deleted one.
 * @internal
 */
export function part<Name extends Tag>(tag: Name, name: string, state?: string): Part<Name> {
  const Component = forwardRef<unknown, PartProps<Tag>>(({ render, className, ...rest }, ref) => {
    const { unstyled } = useContext(KitContext);
    const own = joined(unstyled ? '' : `sl-${name}`, className);
    const props = { 'data-state': state, ...rest, ref, className: own || undefined } as RenderedProps;
    const { onClick } = rest;
    if (tag === 'button' && onClick) props['onClick'] = (event: MouseEvent<never>) => event.detail > 1 || onClick(event);
    if (typeof render === 'function') return render(props);
    if (!render) return createElement(tag, props);
    const given = render.props as RenderedProps;
    const handlers = Object.keys(given).filter((key) => typeof given[key] === 'function' && typeof props[key] === 'function');
    const shared: Record<string, Handler> = Object.fromEntries(handlers.map((key) => [key, both(given[key] as Handler, props[key] as Handler)]));
    return cloneElement(render as ReactElement<RenderedProps>, {
      ...props,
      ...given,
      ...shared,
      className: joined(own, given.className),
    });
  });
  Component.displayName = `Safelight.${name}`;
  return Component as Part<Name>;
}

/**
 * Passes `ref` to a component as a property, as React 19 does; React 18 does not. Renders it again only when its properties have
 * changed: in a list of a thousand files, one row and not all of them.
 * @internal
 */
export function withRef<Component>(component: Component & { name: string }): Component {
  const Forwarding = forwardRef((props: object, ref) => (component as (props: object) => ReactElement | null)({ ...props, ref }));
  Forwarding.displayName = component.name;
  return memo(Forwarding) as Component;
}
