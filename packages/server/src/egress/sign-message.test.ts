import { expect, test } from 'vitest';

import { signMessage } from './sign-message.ts';

test('a message is signed as the example of Standard Webhooks says', () => {
  const body = '{"test": 2432232314}';
  expect(signMessage('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', body, new Date(1_614_265_330_000), 'msg_p5jXN8AQM9LWM0D4loKWxJek')).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});
