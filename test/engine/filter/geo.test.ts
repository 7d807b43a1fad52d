import t from 'tap';
import { passes } from './passes.js';

const FIELDS = { place: 'geo' } as const;
const EARTH_RADIUS = 6_371_008.8;
const DEGREE = (EARTH_RADIUS * Math.PI) / 180;

function within(region: unknown, place: readonly [number, number]): boolean {
  return passes({ place: { $within: region } }, { place }, FIELDS);
}

t.test('a circle holds what is at most its radius away along the great circle', async (t) => {
  const circle = { center: [10, 0], radius: DEGREE * 2 };
  t.ok(within(circle, [11.99, 0]));
  t.notOk(within(circle, [12.01, 0]));
  t.ok(within(circle, [10, -1.99]));
  t.notOk(within(circle, [10, 2.01]));
  t.notOk(within(circle, [11.5, 1.5]), 'not the square around it');
  t.ok(within({ center: [10, 20], radius: 0 }, [10, 20]), 'the center is inside even without a radius');
  t.notOk(within({ center: [10, 20], radius: 0 }, [10, 20.000001]));
});

t.test('a circle has the right size between real places', async (t) => {
  // Paris to London: 343 530 m along the great circle of the mean sphere, for these coordinates.
  const [paris, london] = [
    [2.3522, 48.8566],
    [-0.1276, 51.5072],
  ] as const;
  t.ok(within({ center: paris, radius: 344_000 }, london));
  t.notOk(within({ center: paris, radius: 343_000 }, london));
});

t.test('a circle reaches over the antimeridian and the poles', async (t) => {
  t.ok(within({ center: [179.5, 0], radius: DEGREE * 1.01 }, [-179.5, 0]));
  t.notOk(within({ center: [179.5, 0], radius: DEGREE * 0.99 }, [-179.5, 0]));
  t.ok(within({ center: [0, 89], radius: DEGREE * 2.01 }, [180, 89]));
  t.notOk(within({ center: [0, 89], radius: DEGREE * 1.99 }, [180, 89]));
  t.ok(within({ center: [-60, -90], radius: 1 }, [120, -90]), 'a pole is one point at every longitude');
  t.ok(within({ center: [0, 0], radius: EARTH_RADIUS * Math.PI * 1.000001 }, [180, 0]), 'the antipode');
});

t.test('a box holds its boundary', async (t) => {
  const box = { box: [-10, -20, 30, 40] };
  for (const place of [
    [-10, -20],
    [30, 40],
    [0, 40],
    [-10, 0],
    [5, 5],
  ] as const)
    t.ok(within(box, place), `${place}`);
  for (const place of [
    [-10.01, 0],
    [30.01, 0],
    [0, 40.01],
    [0, -20.01],
    [170, 0],
  ] as const) {
    t.notOk(within(box, place), `${place}`);
  }
});

t.test('a box with west > east crosses the antimeridian', async (t) => {
  const box = { box: [170, -10, -170, 10] };
  for (const longitude of [170, 175, 180, -180, -175, -170]) t.ok(within(box, [longitude, 0]), `${longitude}`);
  for (const longitude of [169.99, -169.99, 0]) t.notOk(within(box, [longitude, 0]), `${longitude}`);
});

t.test('the longitudes 180 and -180 are one meridian', async (t) => {
  t.ok(within({ box: [170, 0, 180, 10] }, [-180, 5]));
  t.ok(within({ box: [-180, 0, -170, 10] }, [180, 5]));
  t.notOk(within({ box: [170, 0, 179, 10] }, [-180, 5]));
  t.ok(
    within(
      {
        polygon: [
          [170, 0],
          [180, 0],
          [180, 10],
          [170, 10],
        ],
      },
      [-180, 5],
    ),
  );
});

t.test('a polygon holds its inside and its boundary, closed or not, either way round', async (t) => {
  // A notch is cut out of the top of a square.
  const ring = [
    [0, 0],
    [10, 0],
    [10, 10],
    [5, 3],
    [0, 10],
  ];
  for (const polygon of [ring, [...ring, ring[0]], [...ring].reverse(), [...ring.slice(2), ...ring.slice(0, 2)]]) {
    const inside = [
      [1, 1],
      [9, 8],
      [5, 2],
      [0, 0],
      [10, 10],
      [5, 0],
      [0, 5],
      [10, 5],
      [5, 3],
      [7.5, 6.5],
    ] as const;
    for (const place of inside) t.ok(within({ polygon }, place), `${place}`);
    for (const place of [
      [5, 5],
      [5, 3.01],
      [-0.01, 5],
      [10.01, 5],
      [5, -0.01],
      [5, 10],
    ] as const) {
      t.notOk(within({ polygon }, place), `${place}`);
    }
  }
});

t.test('a point on a slanted edge is inside although rounding moves it', async (t) => {
  t.ok(
    within(
      {
        polygon: [
          [0, 0],
          [1, 3],
          [-5, 3],
        ],
      },
      [0.1, 0.3],
    ),
  );
  t.notOk(
    within(
      {
        polygon: [
          [0, 0],
          [1, 3],
          [-5, 3],
        ],
      },
      [0.1001, 0.3],
    ),
  );
});

t.test('a ray through a vertex is counted once', async (t) => {
  const diamond = {
    polygon: [
      [0, -5],
      [5, 0],
      [0, 5],
      [-5, 0],
    ],
  };
  t.ok(within(diamond, [-1, 0]));
  t.notOk(within(diamond, [-6, 0]));
  t.notOk(within(diamond, [-1, 5]));
});

t.test('an edge takes the shorter way and so may cross the antimeridian', async (t) => {
  for (const polygon of [
    [
      [170, -10],
      [-170, -10],
      [-170, 10],
      [170, 10],
    ],
    [
      [-170, -10],
      [-170, 10],
      [170, 10],
      [170, -10],
    ],
  ]) {
    const inside = [170, 175, 180, -180, -175, -170];
    for (const longitude of inside) t.ok(within({ polygon }, [longitude, 0]), `${longitude}`);
    for (const longitude of [169, -169, 0, 90]) t.notOk(within({ polygon }, [longitude, 0]), `${longitude}`);
  }
});

t.test('a wide polygon is drawn with vertices less than 180 degrees apart', async (t) => {
  const belt = [
    [-170, -10],
    [0, -10],
    [170, -10],
    [170, 10],
    [0, 10],
    [-170, 10],
  ];
  t.ok(within({ polygon: belt }, [90, 0]));
  t.notOk(within({ polygon: belt }, [175, 0]));
  const world = [
    [-180, -90],
    [0, -90],
    [180, -90],
    [180, 90],
    [0, 90],
    [-180, 90],
  ];
  t.throws(() => within({ polygon: world.toSpliced(1, 1) }, [0, 0]), { code: 'INVALID_FILTER', message: /ambiguous/ });
});

t.test('a ring that winds round a pole or the Earth is refused', async (t) => {
  for (const polygon of [
    [
      [0, 80],
      [120, 80],
      [-120, 80],
    ],
    [
      [0, 80],
      [-120, 80],
      [120, 80],
    ],
  ]) {
    t.throws(() => within({ polygon }, [0, 90]), { code: 'INVALID_FILTER', message: /winds round the Earth/ });
  }
});
