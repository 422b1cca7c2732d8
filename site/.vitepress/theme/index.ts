import { useRoute } from 'vitepress';
// Without the fonts of the default theme: a reader's own are there at once.
import DefaultTheme from 'vitepress/theme-without-fonts';
import { nextTick, onMounted, watch } from 'vue';

import './style.css';

/** The theme gives neither the start page nor that of a missing page a main part, which readers of screens jump to. */
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
