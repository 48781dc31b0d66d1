import { expect, test } from 'vitest';

import { createSentRedactor } from '../../../activities/discovery/redact-sent.ts';
import { Secret } from '../../../platform/secret.ts';

test('what a cloud sends back of the credential is in no failure, loss or notice, at whatever depth it was stored', () => {
  const record = {
    access_token: 'access-hunter2',
    expires_at: 1,
    session: { secretAccessKey: 'secret-hunter2-longer' },
  };
  const sent = createSentRedactor(new Secret(record));
  const problem = {
    code: 'cloud_unavailable',
    message: 'Your request: x-auth: access-hunter2, x-key: secret-hunter2-longer.',
    remedy: 'Authorization: Bearer derived-hunter2-token',
    link: 'https://x.test/?key=access-hunter2',
  };
  const failure = { class: 'transient', problem, retryAfterSeconds: 3, denied: null } as const;
  const clean = sent.listing({
    kinds: [
      { kind: 'a', outcome: 'failed', failure },
      { kind: 'b', outcome: 'listed', rows: [], losses: [{ ...failure, path: '/x?access-hunter2' }] },
    ],
    source: 'rest',
    notice: problem,
  });
  expect(JSON.stringify(clean)).not.toContain('hunter2');
  expect(clean.kinds[0]).toMatchObject({ failure: { class: 'transient', retryAfterSeconds: 3 } });
  expect(clean.notice?.message).toBe('Your request: x-auth: [redacted], x-key: [redacted].');
});
