import t from 'tap';
import { isTransientStatus, pause, retryAfterMs, retryDelay } from '@nearfield/encoders/internals/http/retry';

const policy = { retries: 4, baseMs: 100, maxMs: 500 };

t.test('waits double up to the longest one, and chance cuts at most half of each', async (t) => {
  for (const [attempt, full] of [100, 200, 400, 500].entries()) {
    t.equal(
      retryDelay(attempt + 1, policy, null, () => 0),
      full / 2,
    );
    t.equal(
      retryDelay(attempt + 1, policy, null, () => 1),
      full,
    );
  }
  t.equal(retryDelay(5, policy), undefined, 'the repetitions are used up');
  t.equal(retryDelay(1, { ...policy, retries: 0 }), undefined);
});

t.test('the wait that a server asks for is kept, unless it is too long', async (t) => {
  t.equal(retryDelay(1, policy, '0'), 0);
  t.equal(retryDelay(1, policy, '0.4'), 400);
  t.equal(retryDelay(1, policy, '1'), undefined);
  const now = Date.parse('2024-08-17T10:00:00Z');
  t.equal(retryAfterMs('Sat, 17 Aug 2024 10:00:07 GMT', now), 7000);
  t.equal(retryAfterMs('Sat, 17 Aug 2024 09:00:00 GMT', now), 0, 'a date that is past');
  for (const nothing of [null, undefined, '', 'soon']) t.equal(retryAfterMs(nothing), undefined);
});

t.test('failures that may pass are told from those that stay', async (t) => {
  t.same(
    [408, 425, 429, 500, 502, 503, 504].map(isTransientStatus),
    Array.from({ length: 7 }, () => true),
  );
  t.same(
    [200, 301, 400, 401, 403, 404, 422].map(isTransientStatus),
    Array.from({ length: 7 }, () => false),
  );
});

t.test('a wait ends at once when its signal fires', async (t) => {
  const controller = new AbortController();
  const waiting = pause(1_000_000, controller.signal);
  controller.abort(new Error('enough'));
  await t.rejects(waiting, { message: 'enough' });
  await pause(0);
});
