import t from 'tap';
import { contentBox, isOnWhite } from '@nearfield/encoders/internals/preprocess/image/content-box';
import type { RgbImage } from '@nearfield/encoders/internals/preprocess/image/rgb-image';

/** An image drawn in letters: `.` is white, `,` almost white, everything else is not. */
function drawn(...rows: string[]): RgbImage {
  const levels: Record<string, number[]> = { '.': [255, 255, 255], ',': [246, 250, 255] };
  const data = Uint8Array.from(rows.flatMap((row) => [...row].flatMap((letter) => levels[letter] ?? [255, 255, 0])));
  return { width: rows[0]?.length ?? 0, height: rows.length, data };
}

t.test('the box is the smallest around what is not white', async (t) => {
  t.same(contentBox(drawn('.....', '..#..', '.#,,.', '.....')), { left: 1, top: 1, width: 2, height: 2 });
  t.same(contentBox(drawn('#....', '.....', '....#')), { left: 0, top: 0, width: 5, height: 3 });
  t.same(contentBox(drawn('..', '.#')), { left: 1, top: 1, width: 1, height: 1 });
  t.same(contentBox(drawn('#')), { left: 0, top: 0, width: 1, height: 1 });
});

t.test('an image that is white all over has no box', async (t) => {
  t.equal(contentBox(drawn('.,.', ',.,')), undefined);
  t.equal(contentBox(drawn('.')), undefined);
});

t.test('an image with two white corners is on white', async (t) => {
  t.ok(isOnWhite(drawn('.#.', '###', ',#.')));
  t.ok(isOnWhite(drawn('.#.', '###', '###')));
  t.notOk(isOnWhite(drawn('.##', '###', '###')));
  t.notOk(isOnWhite(drawn('#')));
});
