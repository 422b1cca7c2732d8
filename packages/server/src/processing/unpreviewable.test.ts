import { describe, expect, test } from 'vitest';

import { SafelightError } from '../lib/errors.ts';
import { damagedRecording } from './engine/damaged-recording.ts';
import { isUnpreviewable, unlessUnpreviewable } from './unpreviewable.ts';

const sold = { visibility: 'grant' } as const;
const shown = { visibility: 'public' } as const;
const failing = (code: ConstructorParameters<typeof SafelightError>[0]) => async () => {
  throw new SafelightError(code, 'It does not work.');
};

describe('if readers get the file itself', () => {
  test.each(['unsupported_type', 'unsupported_codec', 'too_many_pixels', 'too_many_frames', 'resource_limit'] as const)(
    'a picture that ends in %s is ready without a preview; elsewhere it is refused',
    async (code) => {
      expect(await unlessUnpreviewable(sold, null, failing(code))).toBeNull();
      await expect(unlessUnpreviewable(shown, null, failing(code))).rejects.toMatchObject({ code });
    },
  );

  test.each(['corrupt_media', 'too_small', 'aspect_ratio_out_of_range', 'storage_unavailable', 'internal'] as const)('%s stays what it is', async (code) => {
    await expect(unlessUnpreviewable(sold, null, failing(code))).rejects.toMatchObject({ code });
  });

  test('an unreadable recording is ready without a preview; a damaged one is refused', async () => {
    const unread = async (): Promise<never> => {
      throw damagedRecording('its header cannot be read', undefined, { isUnread: true });
    };
    expect(await unlessUnpreviewable(sold, null, unread)).toBeNull();
    await expect(unlessUnpreviewable(shown, null, unread)).rejects.toMatchObject({ code: 'corrupt_media' });
  });

  test('a pixel limit in the policy is a refusal, the ceiling of the machine is not', async () => {
    await expect(unlessUnpreviewable(sold, { maxDurationMs: null, maxMegapixels: 50 }, failing('too_many_pixels'))).rejects.toMatchObject({
      code: 'too_many_pixels',
    });
    expect(await unlessUnpreviewable(sold, { maxDurationMs: null, maxMegapixels: null }, failing('too_many_pixels'))).toBeNull();
  });

  test('a file that cannot be used is not even downloaded', () => {
    expect(isUnpreviewable(sold, { mimeType: 'image/vnd.adobe.photoshop', bytes: 10 })).toBe(true);
    expect(isUnpreviewable(sold, { mimeType: 'image/tiff', bytes: 2 ** 31 })).toBe(true);
    expect(isUnpreviewable(sold, { mimeType: 'image/tiff', bytes: 10 })).toBe(false);
    expect(isUnpreviewable(shown, { mimeType: 'image/vnd.adobe.photoshop', bytes: 10 })).toBe(false);
  });
});
