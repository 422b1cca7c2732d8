import { expect, test } from 'vitest';

import { recordingCollection, recordingContext, recordingRules } from '../../test/support/recordings.ts';
import { createEngines } from './engine/find-engine.ts';
import { openDecoderPool } from './image/decoder-pool.ts';
import { withRecording } from './make-recording.ts';

test('without ffmpeg a recording fails with a reason, and may be retried once there is one', async () => {
  const decoders = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 30_000 });
  const ctx = {
    ...recordingContext(decoders),
    site: {
      ...recordingContext(decoders).site,
      engines: createEngines({ ffmpeg: '/nowhere/ffmpeg', ffprobe: '/nowhere/ffprobe', sandbox: 'auto', threads: 1 }),
    },
  };
  const input = { file: '/nowhere/in', collection: recordingCollection(), rules: recordingRules, mimeType: 'video/mp4', focalPoint: null, digitalSource: null };
  await expect(withRecording(ctx, input, async () => await Promise.resolve())).rejects.toMatchObject({
    error: { code: 'unsupported_codec', retryable: true, message: expect.stringMatching(/no ffmpeg/) as string },
  });
  await decoders.close();
});
