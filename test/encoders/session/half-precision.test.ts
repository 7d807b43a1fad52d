import t from 'tap';
import { halfToFloat } from '@nearfield/encoders/internals/convert/weights';
import { floatToHalf } from '@nearfield/encoders/internals/session/half-precision';

t.test('every 16-bit number comes back from 32 bits', (t) => {
  const codes = Array.from({ length: 2 ** 16 }, (_, code) => code).filter((code) => !Number.isNaN(halfToFloat(code)));
  t.same(
    codes.filter((code) => floatToHalf(halfToFloat(code)) !== code),
    [],
  );
  t.end();
});

t.test('other numbers are rounded to the nearest, in the middle to the even one', (t) => {
  for (const code of [0x0000, 0x0001, 0x03ff, 0x0400, 0x3bff, 0x3c00, 0x7bfe]) {
    const [low, high] = [halfToFloat(code), halfToFloat(code + 1)];
    const middle = (low + high) / 2;
    t.equal(floatToHalf(middle - (high - low) / 8), code);
    t.equal(floatToHalf(middle + (high - low) / 8), code + 1);
    t.equal(floatToHalf(middle), code % 2 === 0 ? code : code + 1);
    t.equal(floatToHalf(-middle), 0x8000 | (code % 2 === 0 ? code : code + 1));
  }
  t.equal(floatToHalf(65519), 0x7bff);
  t.equal(floatToHalf(65520), 0x7c00);
  t.equal(floatToHalf(-1e9), 0xfc00);
  t.ok(Number.isNaN(halfToFloat(floatToHalf(Number.NaN))));
  t.end();
});
