import { useRoute } from 'vitepress';
// Without the fonts of the default theme: the reader's own are available at once.
import DefaultTheme from 'vitepress/theme-without-fonts';
import { h, nextTick, onMounted, watch } from 'vue';

import consolePicture from '../../../docs/images/console.png';

import './style.css';

/** The start page and the 404 page of the theme have no main element, which screen readers jump to. */
function markMain(): void {
  const content = document.querySelector('.VPContent');
  if (content?.querySelector('main') === null) content.setAttribute('role', 'main');
  else content?.removeAttribute('role');
}

export default {
  extends: DefaultTheme,
  Layout: () =>
    h(DefaultTheme.Layout, null, {
      'home-hero-image': () => h('img', { src: consolePicture, alt: 'The console after a photo was dropped: its progress and its five variants' }),
    }),
  setup() {
    const route = useRoute();
    onMounted(markMain);
    watch(
      () => route.path,
      async () => {
        await nextTick();
        markMain();
      },
    );
  },
};
