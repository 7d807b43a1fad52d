import { NearfieldError, describe, refuseUnknownKeys, throwIfAborted } from '@nearfield/engine/encoder';
import type { Encoded, Encoder, EncoderIdentity, EncoderInput, EncoderRole, TextSpan } from '@nearfield/engine/encoder';
import { passagesInSteps } from '../../preprocess/text/passages.js';
import { textInputs } from '../../preprocess/text/text-inputs.js';
import { modelCacheFolder } from '../../session/model-cache.js';
import { SessionWorkers } from '../../session/session-workers.js';
import { modelChecksum, modelFolder } from './model-files.js';
import type { SentenceModelData } from './sentence-model.js';
import { unpackSpans } from './passage-answer.js';
import { DIMENSIONS, NAME, PREFIX, VERSION, WINDOW } from './specification.js';
import type { TextTask } from './worker.js';

export interface UseLiteOptions {
  /** Threads that encode: a positive integer. Default: the available cores. */
  readonly threads?: number;
}

/**
 * What goes to the worker at once, and what a query may have to wait for: texts, and UTF-16 units that can matter, as a
 * text costs no more than the window of the model, about 1 000 units.
 */
const TASK_TEXTS = 48;
const TASK_LENGTH = 8_000;
const TEXT_LENGTH = 1000;

/**
 * Universal Sentence Encoder lite (Cer et al. 2018, "Universal Sentence Encoder"), English: 512 dimensions, unit
 * length, cosine. Reads the first 128 tokens of a text; `passages` cuts longer ones. A text without any token has the embedding that the model gives
 * to an empty sequence. Documents and queries are encoded alike.
 *
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT, and ENCODER_UNAVAILABLE when the package with the model is missing.
 */
export async function useLite(options: UseLiteOptions = {}): Promise<Encoder> {
  refuseUnknownKeys(options, ['threads'], NAME);
  const { threads } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new NearfieldError('INVALID_ARGUMENT', `Invalid \`threads\` of ${NAME}`, {
      expected: 'a positive integer',
      received: describe(threads),
      field: 'threads',
    });
  }
  return new UseLite(await modelChecksum(), threads);
}

class UseLite implements Encoder {
  readonly identity: EncoderIdentity;
  readonly accepts = ['text'] as const;
  readonly output = { kind: 'dense', dimensions: DIMENSIONS, metric: 'cosine' } as const;
  // Measured by nDCG@10 on Cranfield, CACM and TIME beside a bag of words of strength 0.8, with passages: a paraphrase
  // model. At a share of .15 the fusion gains .005 and .002 on the first and the last and loses .001 on CACM; at .2 it
  // loses .006 on TIME, at .3 .007 and .016 on Cranfield and TIME.
  readonly strength = 0.15;
  #workers: SessionWorkers<TextTask> | undefined;

  constructor(
    checksum: string,
    private readonly threads: number | undefined,
  ) {
    this.identity = Object.freeze({ name: NAME, version: VERSION, checksum, options: Object.freeze({}) });
  }

  async encode(
    inputs: readonly EncoderInput[],
    { role, signal }: { role?: EncoderRole; signal?: AbortSignal } = {},
  ): Promise<Encoded[]> {
    throwIfAborted(signal);
    const texts = textInputs(inputs, NAME);
    if (texts.length === 0) return [];
    const workers = (this.#workers ??= this.#startWorkers());
    return workers.during(async () => {
      const embeddings: Float32Array[] = Array.from({ length: texts.length });
      const options = { urgent: role === 'query', signal };
      const waiting = tasks(texts);
      const lanes = Array.from({ length: workers.width }, async () => {
        for (const positions of waiting) {
          const values = await workers.run(
            { kind: 'embed', texts: positions.map((at) => texts[at].slice(0, PREFIX)) },
            options,
          );
          for (const [row, at] of positions.entries()) {
            embeddings[at] = values.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS);
          }
        }
      });
      await Promise.all(lanes);
      return embeddings;
    });
  }

  /** In the worker threads, for which a text of a book's length is cut in steps. */
  async passages(texts: readonly string[], { signal }: { signal?: AbortSignal } = {}): Promise<TextSpan[][]> {
    throwIfAborted(signal);
    const spans = texts.map((text) => [{ start: 0, end: text.length }]);
    const longer = Array.from(texts.keys()).filter((at) => !isShort(texts[at]));
    if (longer.length === 0) return spans;
    const workers = (this.#workers ??= this.#startWorkers());
    const cut = async (some: readonly string[]): Promise<TextSpan[][]> =>
      unpackSpans(await workers.run({ kind: 'cut', texts: some }, { urgent: false, signal }));
    return workers.during(async () => {
      const waiting = cutTasks(texts, longer);
      const lanes = Array.from({ length: workers.width }, async () => {
        for (const positions of waiting) {
          const some = positions.map((at) => texts[at]);
          const found =
            some.length > 1
              ? await cut(some)
              : [await passagesInSteps(some[0], async (piece) => (await cut([piece]))[0], signal)];
          for (const [i, at] of positions.entries()) spans[at] = found[i];
        }
      });
      await Promise.all(lanes);
      return spans;
    });
  }

  async close(): Promise<void> {
    const workers = this.#workers;
    this.#workers = undefined;
    await workers?.close();
  }

  #startWorkers(): SessionWorkers<TextTask> {
    const data: Omit<SentenceModelData, 'threads'> = {
      folder: modelFolder(),
      cacheFolder: modelCacheFolder(),
      checksum: this.identity.checksum,
    };
    return new SessionWorkers(NAME, new URL('worker.js', import.meta.url), data, this.threads);
  }
}

/** Positions of texts, cut into tasks of bounded size. Texts of similar length go together, so that little is padded. */
function* tasks(texts: readonly string[]): Generator<number[]> {
  const ordered = Array.from(texts.keys()).sort((a, b) => texts[a].length - texts[b].length);
  let task: number[] = [];
  let length = 0;
  for (const at of ordered) {
    const cost = Math.min(texts[at].length, TEXT_LENGTH);
    if (task.length === TASK_TEXTS || length + cost > TASK_LENGTH) {
      yield task;
      task = [];
      length = 0;
    }
    task.push(at);
    length += cost;
  }
  if (task.length > 0) yield task;
}

/** Whether a text has so few characters that it fits the window: of ASCII, each is a token at most, and one goes before all. */
function isShort(text: string): boolean {
  return text.length < WINDOW && /^[\0-\x7f]*$/.test(text);
}

/** Positions of texts to cut, some thousand UTF-16 units together; a longer text alone. */
function* cutTasks(texts: readonly string[], positions: readonly number[]): Generator<number[]> {
  let task: number[] = [];
  let length = 0;
  for (const at of positions) {
    if (task.length > 0 && length + texts[at].length > TASK_LENGTH) {
      yield task;
      task = [];
      length = 0;
    }
    task.push(at);
    length += texts[at].length;
  }
  if (task.length > 0) yield task;
}
