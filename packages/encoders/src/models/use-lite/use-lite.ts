import { throwIfAborted } from '@nearfield/engine/encoder';
import type { Encoded, Encoder, EncoderIdentity, EncoderInput, EncoderRole, TextSpan } from '@nearfield/engine/encoder';
import { unpackSpans } from '../../preprocess/text/passage-answer.js';
import { passagesInTasks } from '../../preprocess/text/passages-in-tasks.js';
import { textInputs } from '../../preprocess/text/text-inputs.js';
import { textTasks } from '../../preprocess/text/text-tasks.js';
import { modelCacheFolder } from '../../session/model-cache.js';
import { SessionWorkers } from '../../session/session-workers.js';
import { checkThreadOptions, type ThreadOptions } from '../../session/thread-options.js';
import { modelChecksum, modelFolder } from './model-files.js';
import type { SentenceModelData } from './sentence-model.js';
import { DIMENSIONS, NAME, PREFIX, VERSION, WINDOW } from './specification.js';
import type { TextTask } from './worker.js';

export type UseLiteOptions = ThreadOptions;

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
  checkThreadOptions(options, NAME);
  return new UseLite(await modelChecksum(), options.threads);
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
      const waiting = textTasks(texts, { texts: TASK_TEXTS, length: TASK_LENGTH, textLength: TEXT_LENGTH });
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
    if (texts.every(isShort)) return texts.map((text) => [{ start: 0, end: text.length }]);
    const workers = (this.#workers ??= this.#startWorkers());
    const cut = async (some: readonly string[]): Promise<TextSpan[][]> =>
      unpackSpans(await workers.run({ kind: 'cut', texts: some }, { urgent: false, signal }));
    return workers.during(() => passagesInTasks(texts, { cut, lanes: workers.width, isShort, signal }));
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

/** Whether a text has so few characters that it fits the window: of ASCII, each is a token at most, and one goes before all. */
function isShort(text: string): boolean {
  return text.length < WINDOW && /^[\0-\x7f]*$/.test(text);
}
