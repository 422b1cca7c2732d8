import { expect, test } from 'vitest';

import { withSmallerPreviews } from './collection.ts';

const image = {
  outputs: [{ role: 'preview', maxSide: 2000, format: 'webp', quality: 80, animated: false, fit: 'inside' } as const],
  blur: true,
  dominantColour: true,
  thumbHash: false,
  keepCopyright: false,
};

test('the preview of a sold picture has at most half of its longer side, and eight hundred pixels', () => {
  expect(withSmallerPreviews({ visibility: 'grant', image }).image?.outputs).toMatchObject([{ maxSide: 800, maxShare: 0.5 }]);
  const smaller = { ...image, outputs: image.outputs.map((output) => ({ ...output, maxSide: 300, maxShare: 0.2 })) };
  expect(withSmallerPreviews({ visibility: 'grant', image: smaller }).image?.outputs).toMatchObject([{ maxSide: 300, maxShare: 0.2 }]);
  expect(withSmallerPreviews({ visibility: 'public', image })).toEqual({ visibility: 'public', image });
  expect(withSmallerPreviews({ visibility: 'grant', image: null })).toEqual({ visibility: 'grant', image: null });
});
