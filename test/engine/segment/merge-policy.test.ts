import t from 'tap';
import {
  POLICY_LIMITS,
  nextJob,
  type Job,
  type PolicyLimits,
  type PolicyState,
  type SegmentSize,
} from '@nearfield/engine/internals/segment/merge-policy';
import { seededRandom, type Random } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 81);
const VECTOR_BYTES = 512;

const LIMITS: PolicyLimits = {
  ...POLICY_LIMITS,
  flatBytes: 1000 * VECTOR_BYTES,
  idleBytes: 250 * VECTOR_BYTES,
  minVectors: 100,
  maxSegmentBytes: 40_000 * 1024,
};
const CAP = 40_000;

const stateOf = (state: Partial<PolicyState>): PolicyState => ({
  sealed: [],
  flats: [],
  vectorBytes: VECTOR_BYTES,
  nodeBytes: 1024,
  idle: false,
  forced: false,
  running: 0,
  threads: 2,
  ...state,
});

const live = (sizes: readonly SegmentSize[]): number => sizes.reduce((sum, size) => sum + size.live, 0);

function partsOf({ base, sealed, flats }: Job, state: PolicyState): SegmentSize[] {
  const kept = base === undefined ? [] : [state.sealed[base]];
  return [...kept, ...sealed.map((place) => state.sealed[place]), ...flats.map((place) => state.flats[place])];
}

/** The state behind a job. A segment that still grew is followed by another one. */
function apply(state: PolicyState, job: Job): PolicyState {
  const dead = job.base === undefined ? 0 : state.sealed[job.base].dead;
  const made = { live: live(partsOf(job, state)), dead };
  const sealed = state.sealed.filter((_, place) => place !== job.base && !job.sealed.includes(place));
  const flats = state.flats.filter((_, place) => !job.flats.includes(place));
  if (job.flats.includes(state.flats.length - 1)) flats.push({ live: 0, dead: 0 });
  return { ...state, sealed: made.live + made.dead === 0 ? sealed : [...sealed, made], flats };
}

/** All jobs up to the last, one after the other; throws when there is no last. */
function settle(state: PolicyState, limits = LIMITS): { readonly state: PolicyState; readonly jobs: readonly Job[] } {
  const jobs: Job[] = [];
  const most = 2 * (state.sealed.length + state.flats.length) + 4;
  for (let job = nextJob(state, limits); job !== undefined; job = nextJob(state, limits)) {
    jobs.push(job);
    if (jobs.length > most) throw new Error(`${most} jobs were not enough (NEARFIELD_SEED=${SEED})`);
    const parts = partsOf(job, state);
    if (new Set(parts).size !== parts.length) throw new Error('a job takes a segment twice');
    if (parts.length === 0) throw new Error('a job takes nothing');
    state = apply(state, job);
  }
  return { state, jobs };
}

function randomSizes(random: Random, count: number, most: number): SegmentSize[] {
  return Array.from({ length: count }, () => {
    const size = Math.floor(most * random() ** 3);
    const dead = random() < 0.3 ? Math.floor(size * random()) : 0;
    return { live: size - dead, dead };
  });
}

t.test(`from any state the jobs come to an end, and lose no vector (NEARFIELD_SEED=${SEED})`, async () => {
  const random = seededRandom(SEED);
  for (let round = 0; round < 20_000; round++) {
    const state = stateOf({
      sealed: randomSizes(random, Math.floor(random() * 12), CAP),
      flats: [...randomSizes(random, Math.floor(random() * 5), 1500), ...randomSizes(random, 1, 300)],
      idle: random() < 0.5,
      forced: random() < 0.5,
      running: Math.floor(random() * 3),
      threads: 1 + Math.floor(random() * 8),
    });
    const before = live([...state.sealed, ...state.flats]);
    const { state: after, jobs } = settle(state);
    const failed = (why: string, after: unknown) =>
      new Error(`round ${round} (NEARFIELD_SEED=${SEED}): ${why}: ${JSON.stringify({ state, after })}`);
    if (live([...after.sealed, ...after.flats]) !== before) throw failed('vectors are lost', after);
    if (state.running >= state.threads && jobs.length > 0) throw failed('no thread is free', jobs);
    for (const { live } of after.sealed) if (live > CAP) throw failed('over the cap', after);
    // Adding to a graph waits until nothing else runs.
    if (!after.forced || state.running > 0) continue;
    // What is left unsealed is not worth a graph.
    if (live(after.flats) >= LIMITS.minVectors) throw failed('not all is sealed', after);
    for (const { live, dead } of after.sealed) {
      if (dead > LIMITS.forcedDeadShare * (live + dead)) throw failed('dead vectors', after);
    }
  }
});

t.test('optimize leaves as few segments as the cap allows', async (t) => {
  const { state } = settle(stateOf({ forced: true, sealed: [5000, 400, 9000, 30, 1200].map(all), flats: [all(900)] }));
  t.same(
    state.sealed.map(({ live }) => live),
    [16_530],
  );
  const full = settle(stateOf({ forced: true, sealed: [39_000, 20_000, 15_000, 3000].map(all) }));
  t.same(full.state.sealed.map(({ live }) => live).sort(), [38_000, 39_000]);
  t.same(settle({ ...full.state, forced: true }).jobs, [], 'a second time there is nothing to do');
});

t.test('a merge waits until nothing else runs', async (t) => {
  const state = stateOf({ sealed: Array.from({ length: 20 }, () => all(1000)), idle: true });
  t.not(nextJob(state, LIMITS), undefined);
  t.equal(nextJob({ ...state, running: 1 }, LIMITS), undefined);
  t.equal(nextJob({ ...state, forced: true, running: 1 }, LIMITS), undefined);
});

t.test('a vector is inserted again at most once each time that the segment around it doubles', async (t) => {
  for (const idle of [true, false]) {
    let state = stateOf({ flats: [all(0)], idle });
    let [inserted, written, most] = [0, 0, 0];
    for (let round = 0; round < 4000; round++) {
      written += 10;
      const flats = state.flats.slice(0, -1);
      flats.push(all(state.flats.at(-1)!.live + 10));
      state = stateOf({ sealed: state.sealed, flats, idle });
      for (let job = nextJob(state, LIMITS); job !== undefined; job = nextJob(state, LIMITS)) {
        const kept = job.base === undefined ? 0 : state.sealed[job.base].live;
        inserted += live(partsOf(job, state)) - kept;
        state = apply(state, job);
      }
      most = Math.max(most, state.sealed.length);
    }
    const doublings = Math.log2(written / 250);
    t.ok(inserted <= written * (1 + doublings), `${inserted} insertions of ${written}, ${idle ? 'idle' : 'busy'}`);
    t.ok(most <= LIMITS.maxSegments, `${most} segments`);
  }
});

t.test('the segment that takes the next commit is left alone while it is empty', async (t) => {
  for (const threads of [1, 2, 4, 8]) {
    const state = stateOf({ flats: [all(500), all(700), all(0)], forced: true, threads });
    const { jobs } = settle(state);
    t.same(jobs.flatMap(({ flats }) => flats).length, 2, `${threads} threads`);
    t.notOk(nextJob(state, LIMITS)!.flats.includes(2));
  }
});

t.test('small segments are sealed together when each alone is not worth a graph', async (t) => {
  const flats = [all(60), all(60), all(60), all(0)];
  const job = nextJob(stateOf({ flats, forced: true, threads: 8 }), LIMITS);
  t.ok(job !== undefined && live(job.flats.map((place) => flats[place])) >= LIMITS.minVectors, 'not one by one', {
    job,
  });
});

function all(live: number): SegmentSize {
  return { live, dead: 0 };
}
