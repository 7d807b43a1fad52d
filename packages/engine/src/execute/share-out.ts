import type { SegmentsHand } from '../segment/index.js';
import { turnEventLoop } from '../workers/index.js';
import { isLarge, searchElsewhere, searchHere, type Execution } from './execute-plan.js';

/** What the calling thread does in one turn of the event loop, in microseconds: another thread that is done waits for its end. */
const TURN_COST = 400;
/** What another thread gets at a time, in microseconds, and at most how many times as much. */
const PIECE_COST = 1500;
const MOST_PIECES = 16;
/** Plans that tell what the others cost. */
const SAMPLE = 8;
/** Answers of other threads that are passed on in one turn of the event loop. */
const ANSWERS = 32;

type Hands = ReadonlyMap<number, SegmentsHand>;

/** What a batch is made of: `layOut` gives the plan of the query at a place, `answer` takes what the segments gave for it. */
export interface Batch {
  readonly count: number;
  readonly layOut: (place: number) => Promise<Execution>;
  readonly answer: (place: number, execution: Execution, hands: Hands) => Promise<void>;
}

/** Consecutive plans of a batch, with what other threads found for them. */
interface Piece {
  readonly first: number;
  readonly part: readonly Execution[];
  readonly hands: readonly Hands[];
}

/**
 * Answers what many plans ask of the segments, on all threads: this one, which takes a few in each turn of the event loop,
 * and the others, which get larger pieces that shrink towards the end (guided self-scheduling, Polychronopoulos and Kuck,
 * 1987). Searches that are too long for this thread are left to the others. Each is laid out when a thread takes it, and a
 * thread that is done gets more before its answers are passed on: so none waits for what only this thread can do.
 */
export async function shareOut(batch: Batch): Promise<void> {
  const sample: Execution[] = [];
  while (sample.length < Math.min(batch.count, SAMPLE)) sample.push(await batch.layOut(sample.length));
  if (sample.length > 0) await new Sharing(batch, sample).run();
}

class Sharing {
  readonly #each: number;
  readonly #takesPart: boolean;
  readonly #helpers: number;
  readonly #threads: number;
  #next = 0;
  readonly #away = new Set<Promise<void>>();
  readonly #done: Piece[] = [];
  readonly #failures: unknown[] = [];

  constructor(
    readonly batch: Batch,
    readonly sample: readonly Execution[],
  ) {
    const { searchers, inlineCost } = sample[0].scope;
    this.#threads = searchers.threads;
    this.#each = Math.max(1, sample.reduce((sum, { plan }) => sum + plan.cost, 0) / sample.length);
    this.#takesPart = this.#each <= inlineCost && !sample.some(isLarge);
    const isShort = this.#takesPart && this.#each * batch.count <= inlineCost;
    this.#helpers = isShort ? 0 : this.#takesPart ? this.#threads - 1 : this.#threads;
  }

  async run(): Promise<void> {
    try {
      while (this.#left > 0 || this.#away.size > 0 || this.#done.length > 0) {
        while (this.#away.size < this.#helpers && this.#left > 0) await this.#handOver();
        if (this.#failures.length > 0) throw this.#failures[0];
        if (this.#done.length > 0) await this.#passOn();
        else if (this.#takesPart && this.#left > 0) await this.#searchHere();
        else await Promise.race(this.#away);
        await turnEventLoop();
      }
    } finally {
      await Promise.all(this.#away);
    }
  }

  get #left(): number {
    return this.batch.count - this.#next;
  }

  async #take(size: number): Promise<Piece> {
    const first = this.#next;
    const part: Execution[] = [];
    for (; part.length < size && this.#left > 0; this.#next++) {
      part.push(this.sample[this.#next] ?? (await this.batch.layOut(this.#next)));
    }
    return { first, part, hands: [] };
  }

  async #handOver(): Promise<void> {
    const least = Math.max(1, Math.floor(PIECE_COST / this.#each));
    const share = Math.ceil(this.#left / (2 * this.#threads));
    const piece = await this.#take(Math.max(least, Math.min(MOST_PIECES * least, share)));
    const work = searchElsewhere(piece.part).then(
      (hands) => void this.#done.push({ ...piece, hands }),
      (error: unknown) => void this.#failures.push(error),
    );
    const settled: Promise<void> = work.then(() => void this.#away.delete(settled));
    this.#away.add(settled);
  }

  async #searchHere(): Promise<void> {
    const { first, part } = await this.#take(Math.max(1, Math.floor(TURN_COST / this.#each)));
    for (const [i, execution] of part.entries()) {
      await this.batch.answer(first + i, execution, searchHere(execution));
    }
  }

  async #passOn(): Promise<void> {
    const { first, part, hands } = this.#done[0];
    for (const [i, execution] of part.slice(0, ANSWERS).entries()) {
      await this.batch.answer(first + i, execution, hands[i]);
    }
    if (part.length <= ANSWERS) this.#done.shift();
    else this.#done[0] = { first: first + ANSWERS, part: part.slice(ANSWERS), hands: hands.slice(ANSWERS) };
  }
}
