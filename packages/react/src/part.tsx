'use client';
import {
  cloneElement,
  createElement,
  forwardRef,
  useContext,
  type ComponentPropsWithoutRef,
  type CSSProperties,
  type ForwardRefExoticComponent,
  type ReactElement,
  type ReactNode,
  type Ref,
  type RefAttributes,
} from 'react';

import { KitContext } from './context.ts';

type Tag = 'a' | 'article' | 'button' | 'div' | 'figure' | 'img' | 'label' | 'li' | 'ol' | 'p' | 'progress' | 'section' | 'span' | 'ul';

/** What `render` is handed: everything that the element would have had. */
export type RenderedProps = { className?: string | undefined; style?: CSSProperties | undefined; children?: ReactNode; ref?: Ref<never> } & Record<
  string,
  unknown
>;
export type RenderProp = ReactElement | ((props: RenderedProps) => ReactElement);

export type PartProps<Name extends Tag> = ComponentPropsWithoutRef<Name> & {
  /** Another element in its place, which gets its properties; or a function of them. */
  render?: RenderProp | undefined;
  'data-state'?: string | undefined;
};
export type Part<Name extends Tag> = ForwardRefExoticComponent<PartProps<Name> & RefAttributes<HTMLElementTagNameMap[Name]>>;

/**
 * An element that carries a class unless it is to be unstyled, and that another element may stand in for.
 * @internal
 */
export function part<Name extends Tag>(tag: Name, name: string): Part<Name> {
  const Component = forwardRef<unknown, PartProps<Tag>>(({ render, className, ...rest }, ref) => {
    const { unstyled } = useContext(KitContext);
    const own = [unstyled ? '' : `sl-${name}`, className ?? ''].filter(Boolean).join(' ');
    const props = { ...rest, ref, ...(own === '' ? {} : { className: own }) } as RenderedProps;
    if (typeof render === 'function') return render(props);
    if (!render) return createElement(tag, props);
    const given = render.props as RenderedProps;
    return cloneElement(render as ReactElement<RenderedProps>, { ...props, ...given, className: [own, given.className ?? ''].filter(Boolean).join(' ') });
  });
  Component.displayName = `Safelight.${name}`;
  return Component as Part<Name>;
}
