import { useRoute } from 'vitepress';
// Without the fonts of the default theme: the reader's own are available at once.
import DefaultTheme from 'vitepress/theme-without-fonts';
import { nextTick, onMounted, watch } from 'vue';

import './style.css';

/** The start page and the 404 page of the theme have no main element, which screen readers jump to. */
function markMain(): void {
  const content = document.querySelector('.VPContent');
  if (content?.querySelector('main') === null) content.setAttribute('role', 'main');
  else content?.removeAttribute('role');
}

export default {
  extends: DefaultTheme,
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
