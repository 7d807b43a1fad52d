import { ERROR_CODES, NearfieldError, open, type ErrorCode } from '@nearfield/engine';
import { ENGINE_ERROR_STATUS, SERVER_ERROR_STATUS, createApp, type ServerErrorCode } from '@nearfield/server';
import { errorAnswer } from '@nearfield/server/internals/errors/error-answer';
import { ServerError } from '@nearfield/server/internals/errors/server-error';
import t from 'tap';

/** What a client may conclude from the kind of an error. */
const STATUSES_OF_KIND: Record<(typeof ERROR_CODES)[ErrorCode]['kind'], readonly number[]> = {
  invalid: [400, 500],
  missing: [404, 500],
  conflict: [403, 409, 500, 503],
  unavailable: [503, 504, 507],
  internal: [500],
  aborted: [499],
};
const OF_THE_SERVER: readonly string[] = ['NOT_A_DATABASE', 'DATABASE_NOT_FOUND', 'VERSION_UNSUPPORTED'];

for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
  t.test(`${code} has a status that fits its kind`, async (t) => {
    const { status, body } = errorAnswer(new NearfieldError(code, 'What happened at /secret/path', { field: 'f' }));
    t.equal(status, ENGINE_ERROR_STATUS[code]);
    t.ok(STATUSES_OF_KIND[ERROR_CODES[code].kind].includes(status), String(status));
    t.equal(body.error.code, code);
    if (status < 500) {
      t.match(body.error, { message: /What happened/, details: { field: 'f' } });
    } else {
      t.notMatch(JSON.stringify(body), /secret/, 'what is the fault of the server is not told');
    }
    if (OF_THE_SERVER.includes(code)) t.equal(status, 500);
  });
}

for (const code of Object.keys(SERVER_ERROR_STATUS) as ServerErrorCode[]) {
  t.test(`${code} is answered with its status and details`, async (t) => {
    const { status, body } = errorAnswer(new ServerError(code, 'What happened', { field: 'f' }));
    t.equal(status, SERVER_ERROR_STATUS[code]);
    t.strictSame(body, { error: { code, message: 'What happened', details: { field: 'f' } } });
  });
}

t.test('no code is both of the engine and of the server', async (t) => {
  t.strictSame(
    Object.keys(SERVER_ERROR_STATUS).filter((code) => code in ERROR_CODES),
    [],
  );
});

t.test('an unexpected error tells the client nothing and the server everything', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const seen: unknown[] = [];
  const app = createApp(db, { onServerError: (error, request) => seen.push(error, request) });
  t.teardown(() => app.close());
  const defect = new TypeError('cannot read /secret/path');
  app.get('/defect', async () => {
    throw defect;
  });
  const answer = await app.inject('/defect');
  t.equal(answer.statusCode, 500);
  t.equal(answer.json().error.code, 'INTERNAL');
  t.notMatch(answer.body, /secret|stack|\.ts|\.js/);
  t.strictSame(seen, [defect, { method: 'GET', url: '/defect' }]);
});

for (const thrown of [undefined, null, 'text', 7, { statusCode: 200 }]) {
  t.test(`a thrown ${JSON.stringify(thrown)} is INTERNAL`, async (t) => {
    t.equal(errorAnswer(thrown).status, 500);
    t.equal(errorAnswer(thrown).body.error.code, 'INTERNAL');
  });
}
