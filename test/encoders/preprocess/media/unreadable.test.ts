import t from 'tap';
import { NearfieldError } from '@nearfield/engine';
import {
  atPosition,
  reportUnreadable,
  unreadable,
  unreadableOrThrow,
} from '@nearfield/encoders/internals/preprocess/media/unreadable';

t.test('an error keeps its message and gets a position', async (t) => {
  const error = unreadable('image', 'a.png', 'it is odd', { expected: 'an even one', remedy: 'Try another.' });
  const located = atPosition(error, 3);
  t.type(located, NearfieldError);
  t.equal(located.message, 'Cannot read "a.png" as an image: it is odd; expected an even one. Try another.');
  t.same(located.details, { expected: 'an even one', remedy: 'Try another.', record: 3 });
  t.match(
    unreadable('sound', new Uint8Array(5), 'it is odd').message,
    /^Cannot read 5 given bytes as sound: it is odd/,
  );
});

t.test('an unreadable input is told with its position, or thrown when nobody is to be told', (t) => {
  const error = unreadable('sound', 'a.wav', 'it is odd');
  const told: unknown[] = [];
  reportUnreadable(error, 2, (position, { details }) => told.push([position, details.record]));
  t.same(told, [[2, 2]]);
  t.throws(() => reportUnreadable(error, 2, undefined), { code: 'UNREADABLE_MEDIA', details: { record: 2 } });
  t.end();
});

t.test('only what says that an input is unreadable counts as that', (t) => {
  const error = unreadable('sound', 'a.wav', 'it is odd');
  t.equal(unreadableOrThrow(error), error);
  const other = new NearfieldError('INVALID_INPUT', 'Not an input');
  t.throws(() => unreadableOrThrow(other), other);
  t.end();
});
