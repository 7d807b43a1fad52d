import type { Test } from 'tap';
import type { Encoded, Encoder, EncoderInput } from '@nearfield/encoders';
import { abortWhenWatched } from './abort-when-watched.js';

export interface ConformanceSubject {
  /** The encoder under test, ready to be used and closed. */
  readonly make: () => Promise<Encoder>;
  /** At least three different inputs that it accepts. */
  readonly inputs: readonly EncoderInput[];
  /** An input of a kind that it does not accept. */
  readonly foreign: EncoderInput;
  /** Inputs that are under way when it is closed. Default: 600; fewer for one that takes long for each. */
  readonly underWay?: number;
}

/** What every encoder promises. Dense and sparse embeddings are compared as one list of terms and numbers. */
export function conformance(t: Test, { make, inputs, foreign, underWay = 600 }: ConformanceSubject): void {
  t.test('it fulfils the contract of an encoder', async (t) => {
    const encoder = await make();
    t.teardown(() => encoder.close());
    t.test('its identity is complete and the same for each instance', async (t) => {
      const { name, version, checksum, options } = encoder.identity;
      t.match(name, /^[a-z]+:.+/);
      t.not(version, '');
      t.match(checksum, /^[0-9a-f]{64}$/);
      t.same(JSON.parse(JSON.stringify(options)), options);
      t.same((await make()).identity, encoder.identity);
    });
    t.test('each embedding has the declared form', async (t) => {
      for (const embedding of await encoder.encode(inputs)) checkForm(t, encoder, embedding);
    });
    t.test('each input gets the same embedding alone, in a batch and in another order', async (t) => {
      const together = await encoder.encode(inputs);
      const backwards = (await encoder.encode(inputs.toReversed())).toReversed();
      for (const [position, input] of inputs.entries()) {
        const alone = await encoder.encode([input]);
        t.ok(difference(alone[0], together[position]) <= 1e-5, `input ${position} alone`);
        t.ok(difference(backwards[position], together[position]) <= 1e-5, `input ${position} in reverse order`);
      }
    });
    t.test('the same call gives the same numbers', async (t) => {
      t.same(await encoder.encode(inputs), await encoder.encode(inputs));
    });
    t.test('different inputs get different embeddings', async (t) => {
      const [first, second] = await encoder.encode(inputs);
      t.ok(difference(first, second) > 1e-3);
    });
    t.test('calls at the same time do not mix', async (t) => {
      const expected = await encoder.encode(inputs);
      const single = await Promise.all(inputs.map((input) => encoder.encode([input])));
      for (const [position, [embedding]] of single.entries()) t.ok(difference(embedding, expected[position]) <= 1e-5);
    });
    t.test('no inputs give no embeddings', async (t) => t.same(await encoder.encode([]), []));
    t.test('an input of another kind is refused by its position', async (t) => {
      const mixed = [...inputs.slice(0, 2), foreign];
      await t.rejects(encoder.encode(mixed), { code: 'INVALID_INPUT', message: /Input 2/, details: { record: 2 } });
      await t.rejects(encoder.encode([null as unknown as EncoderInput]), {
        code: 'INVALID_INPUT',
        details: { record: 0 },
      });
    });
    t.test('a signal that has fired aborts before anything is done', async (t) => {
      const options = { signal: AbortSignal.abort(new Error('enough')) };
      await t.rejects(encoder.encode(inputs, options), {
        code: 'ABORTED',
        name: 'AbortError',
        cause: { message: 'enough' },
      });
    });
    t.test('a signal that fires meanwhile aborts, and the encoder goes on', async (t) => {
      const controller = new AbortController();
      const many = Array.from({ length: 20_000 }, (_, at) => inputs[at % inputs.length] as EncoderInput);
      const encoding = encoder.encode(many, { signal: controller.signal });
      setImmediate(() => controller.abort(new Error('changed my mind')));
      await t.rejects(encoding, { code: 'ABORTED', cause: { message: 'changed my mind' } });
      t.equal((await encoder.encode(inputs)).length, inputs.length);
    });
    if (encoder.passages !== undefined) passagesConformance(t, encoder as PassageEncoder);
    t.test('a closed encoder may be used again', async (t) => {
      const before = await encoder.encode(inputs);
      await encoder.close();
      await encoder.close();
      t.same(await encoder.encode(inputs), before);
    });
    t.test('closing lets the calls that run come to their end', async (t) => {
      const many = Array.from({ length: underWay }, (_, at) => inputs[at % inputs.length] as EncoderInput);
      const encoding = encoder.encode(many);
      await encoder.close();
      t.equal((await encoding).length, many.length);
    });
  });
}

type PassageEncoder = Encoder & Required<Pick<Encoder, 'passages'>>;

function passagesConformance(t: Test, encoder: PassageEncoder): void {
  const sentences = Array.from({ length: 1500 }, (_, i) => `The guest in room ${i} asks for fresh towels and tea.`);
  const long = sentences.join(' ');
  t.test('a text that fits is one passage', async (t) => {
    const spans = await encoder.passages(['Rain.', '', long, 'Snow']);
    t.same(
      spans.map(({ length }) => length === 1),
      [true, true, false, true],
    );
    t.same(spans[0], [{ start: 0, end: 5 }]);
    t.same(await encoder.passages([]), []);
  });
  t.test('a long text is cut at the ends of sentences into passages that cover it', async (t) => {
    const [spans] = await encoder.passages([long]);
    let end = -1;
    for (const span of spans) {
      const goesOn = span.start <= end + 1 && span.end > end && long[span.start] === 'T' && long[span.end - 1] === '.';
      if (!goesOn) t.fail(`${span.start} to ${span.end} behind ${end}`);
      ({ end } = span);
    }
    t.equal(end, long.length);
  });
  t.test('the end of a passage is read, so it fits the window', async (t) => {
    const [[first, second]] = await encoder.passages([long]);
    const passage = long.slice(first.start, first.end);
    const [embedding, other] = await encoder.encode([
      { kind: 'text', text: passage },
      { kind: 'text', text: passage.replace(/tea\.$/, 'whisky.') },
    ]);
    t.ok(difference(embedding, other) > 1e-4);
    t.ok(second.start > first.start);
  });
  t.test('a signal aborts the cutting', async (t) => {
    await t.rejects(encoder.passages([long], { signal: AbortSignal.abort() }), { code: 'ABORTED' });
    await t.rejects(encoder.passages(Array(50).fill(long), { signal: abortWhenWatched() }), { code: 'ABORTED' });
  });
}

function checkForm(t: Test, { output }: Encoder, embedding: Encoded): void {
  if (output.kind === 'dense') {
    const dense = embedding as Float32Array;
    t.type(dense, Float32Array);
    t.equal(dense.length, output.dimensions);
    t.ok(dense.every(Number.isFinite), 'every number is finite');
    return;
  }
  const { terms, weights } = embedding as Exclude<Encoded, Float32Array>;
  t.type(weights, Float32Array);
  t.equal(terms.length, weights.length);
  t.equal(new Set(terms).size, terms.length, 'terms are unique');
  t.ok(
    terms.every((term) => term.length > 0),
    'no term is empty',
  );
  t.ok(
    weights.every((weight) => weight > 0 && Number.isFinite(weight)),
    'weights are positive and finite',
  );
}

/** The largest absolute difference of two embeddings of one encoder; a missing term counts as 0. */
export function difference(a: Encoded | undefined, b: Encoded | undefined): number {
  const [left, right] = [asMap(a), asMap(b)];
  return Math.max(
    0,
    ...[...left.keys(), ...right.keys()].map((key) => Math.abs((left.get(key) ?? 0) - (right.get(key) ?? 0))),
  );
}

function asMap(embedding: Encoded | undefined): Map<string | number, number> {
  if (embedding === undefined) throw new Error('There is no embedding to compare');
  if (embedding instanceof Float32Array) return new Map(embedding.entries());
  return new Map(embedding.terms.map((term, at) => [term, embedding.weights[at] ?? Number.NaN]));
}
