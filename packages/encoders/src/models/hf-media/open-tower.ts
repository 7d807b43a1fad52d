import { NearfieldError } from '@nearfield/engine/encoder';
import type { FlagInput, LongInput, Session, SessionInput } from '../../session/session.js';
import { openSession } from '../hf-text/text-model.js';
import { readEmbedding, type Reading } from './reading.js';
import type { Blank, TowerData } from './tower-data.js';

/** What goes into a graph. */
export type TowerInput = SessionInput | LongInput | FlagInput;

/** The sessions of a worker by the path of their file, each opened when it is first needed. */
export class OpenTowers {
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(private readonly threads: number) {}

  async open(data: TowerData): Promise<OpenTower> {
    const { name, model } = data;
    let session = this.#sessions.get(model);
    if (session === undefined) {
      session = openSession({ name, model, threads: this.threads });
      this.#sessions.set(model, session);
      session.catch(() => this.#sessions.delete(model));
    }
    return new OpenTower(await session, data);
  }
}

/** One side of a model, ready to run. */
export class OpenTower {
  readonly #reading: Reading;

  constructor(
    private readonly session: Session,
    private readonly data: TowerData,
  ) {
    const reading = data.readings.find(({ output }) => session.outputNames.includes(output));
    if (reading === undefined) {
      throw new NearfieldError('MODEL_INVALID', `The model ${data.name} gives no embedding`, {
        expected: `an output ${data.readings.map(({ output }) => output).join(' or ')}`,
        received: session.outputNames.join(', '),
        remedy: 'Use an export for feature extraction, not one for classification.',
      });
    }
    this.#reading = reading;
  }

  /** Whether an embedding is a mean over the parts of an input, rather than what the model projects to its space. */
  get isMean(): boolean {
    return this.#reading.pooling === 'mean';
  }

  /**
   * The embeddings of a batch as the model gives them, each of `width` numbers. Throws MODEL_INVALID for a graph that
   * does not fit what the model's files say of it.
   *
   * @param feeds inputs that the graph may ask for
   */
  async run(feeds: Readonly<Record<string, TowerInput>>, count: number): Promise<Float32Array[]> {
    const { width } = this.data;
    const inputs = this.session.inputNames.map((name) => [name, feeds[name] ?? this.#blank(name)] as const);
    const outputs = await this.session.run(Object.fromEntries(inputs));
    const { shape, data } = outputs[this.session.outputNames.indexOf(this.#reading.output)];
    if (!(data instanceof Float32Array)) throw this.#unfit('32-bit numbers', 'numbers of another kind');
    return Array.from({ length: count }, (_, row) => {
      const embedding = shape[0] === count ? readEmbedding(this.#reading, { shape, data }, row) : undefined;
      if (embedding?.length === width) return embedding;
      throw this.#unfit(`embeddings of ${width} numbers for ${count} inputs`, `the shape ${shape.join(' x ')}`);
    });
  }

  #blank(name: string): TowerInput {
    const blank = this.data.blanks[name];
    if (blank !== undefined) return filled(blank);
    throw new NearfieldError('MODEL_INVALID', `The model ${this.data.name} asks for an unknown input ${name}`, {
      expected: Object.keys(this.data.blanks).join(', '),
      received: this.session.inputNames.join(', '),
    });
  }

  #unfit(expected: string, received: string): NearfieldError {
    const what = `The output ${this.#reading.output} of ${this.data.name} does not fit the model's config.json`;
    return new NearfieldError('MODEL_INVALID', what, { expected, received });
  }
}

function filled({ shape, value, type }: Blank): TowerInput {
  const length = shape.reduce((product, side) => product * side, 1);
  if (type === 'float32') return { shape, data: new Float32Array(length).fill(value) };
  return { shape, data: new BigInt64Array(length).fill(BigInt(value)) };
}
