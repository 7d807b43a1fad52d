import { answerFormat } from '@nearfield/server/internals/wire/answer-format';
import t from 'tap';

const CASES: [accept: string | undefined, contentType: string | undefined, format: string][] = [
  [undefined, undefined, 'json'],
  ['*/*', undefined, 'json'],
  ['*/*', 'application/msgpack', 'msgpack'],
  [undefined, 'application/vnd.msgpack', 'msgpack'],
  ['application/json', 'application/msgpack', 'json'],
  ['application/x-msgpack', 'application/json; charset=utf-8', 'msgpack'],
  ['application/json;q=0.5, application/msgpack', undefined, 'msgpack'],
  ['application/msgpack;q=0.5, application/json', undefined, 'json'],
  ['APPLICATION/MSGPACK', undefined, 'msgpack'],
  ['application/msgpack;q=0', undefined, 'json'],
  ['text/html', undefined, 'json'],
  ['', 'application/json', 'json'],
];

for (const [accept, contentType, format] of CASES) {
  t.test(`Accept ${accept} to a body of ${contentType} is answered in ${format}`, async (t) => {
    t.equal(answerFormat(accept, contentType), format);
  });
}
