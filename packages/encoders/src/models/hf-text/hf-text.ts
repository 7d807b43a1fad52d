import { NearfieldError, throwIfAborted } from '@nearfield/engine/encoder';
import type {
  EncodeOptions,
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
  TextSpan,
} from '@nearfield/engine/encoder';
import { findModelFiles, modelChecksum, obtainModelFiles, type ModelFiles } from '../../hub/model-file.js';
import type { ModelRepository } from '../../hub/model-repository.js';
import { openRepository } from '../../hub/open-repository.js';
import { unpackSpans } from '../../preprocess/text/passage-answer.js';
import { passagesInTasks } from '../../preprocess/text/passages-in-tasks.js';
import { textInputs } from '../../preprocess/text/text-inputs.js';
import { textTasks } from '../../preprocess/text/text-tasks.js';
import { LazyWorkers } from '../../session/lazy-workers.js';
import { SessionWorkers } from '../../session/session-workers.js';
import { checkHfTextOptions, textSettings, type HfTextOptions, type TextSettings } from './settings.js';
import type { TextModelData } from './text-model.js';
import type { TextTask } from './worker.js';

export type { HfTextOptions } from './settings.js';

export const HF_TEXT_PREFIX = 'text:hf/';

/** Changes whenever the reading of a model changes an embedding. */
const VERSION = '1';

const TOKENIZER = 'tokenizer.json';
const TOKENIZER_CONFIG = 'tokenizer_config.json';

const BATCH_SIZE = 32;
/** UTF-16 units of a task, and of a token at most, as far as its cost is concerned. */
const TASK_LENGTH = 8_000;
const TOKEN_LENGTH = 6;

/** Special tokens of a sequence at most. */
const SPECIAL_TOKENS = 4;

/** Bytes of a model beyond which one worker has it, with all threads. */
const LARGE_MODEL = 512 * 2 ** 20;

/**
 * A text encoder of the BERT family (Devlin et al. 2019, "BERT") with an ONNX file, from a repository of the Hugging Face
 * hub or a folder with its layout. Reads the model's configuration when it is made; the weights are downloaded and
 * loaded with the first text. Texts longer than the model's window are read up to it.
 *
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_UNAVAILABLE, CHECKSUM_MISMATCH and MODEL_INVALID;
 * `encode` the last three as well.
 *
 * @param repository `organization/repository`, with `@revision` if wanted, or the path of a folder (`./…` or absolute)
 */
export async function hfText(repository: string, options: HfTextOptions = {}): Promise<Encoder> {
  const name = `${HF_TEXT_PREFIX}${repository}`;
  checkHfTextOptions(options, name);
  const { folder, onProgress, precision = 'fp32', modelFile, threads, batchSize = BATCH_SIZE } = options;
  const files = await openRepository(repository, { folder, onProgress });
  const settings = await textSettings(files, options, repository);
  const model = await findModelFiles(files, { precision, file: modelFile });
  if (!(await files.has(TOKENIZER))) {
    const remedy = 'Use a model whose tokenizer was saved as a fast one.';
    throw new NearfieldError('MODEL_NOT_FOUND', `Model ${repository} has no ${TOKENIZER}`, {
      remedy,
      field: TOKENIZER,
    });
  }
  const checksum = await modelChecksum(files, model, [TOKENIZER, TOKENIZER_CONFIG]);
  const { pooling, normalize, prompts, window: maxLength, dimensions } = settings;
  const file = modelFile === undefined ? { precision } : { modelFile };
  const identity: EncoderIdentity = Object.freeze({
    name,
    version: VERSION,
    checksum,
    options: Object.freeze({ ...file, pooling, normalize, prompts, maxLength, dimensions }),
  });
  return new HfText(identity, settings, { files, model, threads, batchSize });
}

interface ModelSource {
  readonly files: ModelRepository;
  readonly model: ModelFiles;
  readonly threads: number | undefined;
  readonly batchSize: number;
}

class HfText implements Encoder {
  readonly accepts = ['text'] as const;
  readonly output: EncoderOutput;
  readonly #workers: LazyWorkers<TextTask>;

  constructor(
    readonly identity: EncoderIdentity,
    private readonly settings: TextSettings,
    private readonly source: ModelSource,
  ) {
    this.output = { kind: 'dense', dimensions: settings.dimensions, metric: settings.metric };
    this.#workers = new LazyWorkers(() => this.#startWorkers());
  }

  async encode(inputs: readonly EncoderInput[], { role, signal }: EncodeOptions = {}): Promise<Encoded[]> {
    throwIfAborted(signal);
    const texts = textInputs(inputs, this.identity.name);
    if (texts.length === 0) return [];
    const { dimensions, prompts, window } = this.settings;
    const prompt = prompts[role ?? 'document'];
    return this.#workers.during(signal, async (workers) => {
      const embeddings: Float32Array[] = Array.from({ length: texts.length });
      const options = { urgent: role === 'query', signal };
      const size = { texts: this.source.batchSize, length: TASK_LENGTH, textLength: window * TOKEN_LENGTH };
      const waiting = textTasks(texts, size);
      const lanes = Array.from({ length: workers.width }, async () => {
        for (const positions of waiting) {
          const values = await workers.run({ kind: 'embed', prompt, texts: positions.map((at) => texts[at]) }, options);
          for (const [row, at] of positions.entries()) {
            embeddings[at] = values.slice(row * dimensions, (row + 1) * dimensions);
          }
        }
      });
      await Promise.all(lanes);
      return embeddings;
    });
  }

  async passages(texts: readonly string[], { signal }: { signal?: AbortSignal } = {}): Promise<TextSpan[][]> {
    throwIfAborted(signal);
    const { prompts, window } = this.settings;
    const prompt = prompts.document;
    const isShort = (text: string): boolean => isShortIn(window - SPECIAL_TOKENS, prompt + text);
    if (texts.every(isShort)) return texts.map((text) => [{ start: 0, end: text.length }]);
    return this.#workers.during(signal, async (workers) => {
      const cut = async (some: readonly string[]): Promise<TextSpan[][]> =>
        unpackSpans(await workers.run({ kind: 'cut', texts: some, prompt }, { urgent: false, signal }));
      return passagesInTasks(texts, { cut, lanes: workers.width, isShort, signal });
    });
  }

  async close(): Promise<void> {
    await this.#workers.close();
  }

  async #startWorkers(): Promise<SessionWorkers<TextTask>> {
    const { files, model, threads, batchSize } = this.source;
    // The small files first: when one is missing, nothing large is under way.
    const tokenizer = await files.file(TOKENIZER);
    const tokenizerConfig = (await files.has(TOKENIZER_CONFIG)) ? await files.file(TOKENIZER_CONFIG) : undefined;
    const { path, size } = await obtainModelFiles(files, model);
    const { name } = this.identity;
    const workers = size > LARGE_MODEL ? 1 : undefined;
    const data: TextModelData = { name, model: path, tokenizer, tokenizerConfig, settings: this.settings, batchSize };
    return new SessionWorkers(name, new URL('worker.js', import.meta.url), data, threads, workers);
  }
}

/** Whether a text surely has at most so many tokens: of ASCII, each character is one at most. */
function isShortIn(tokens: number, text: string): boolean {
  return text.length <= tokens && /^[\0-\x7f]*$/.test(text);
}
