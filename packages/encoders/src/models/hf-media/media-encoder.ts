import { throwIfAborted, type NearfieldError } from '@nearfield/engine/encoder';
import type {
  EncodeOptions,
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
  MediaSource,
  Modality,
} from '@nearfield/engine/encoder';
import { reportUnreadable, unreadableOrThrow } from '../../preprocess/media/unreadable.js';
import { LazyWorkers, untilAborted } from '../../session/lazy-workers.js';
import { SessionWorkers } from '../../session/session-workers.js';
import type { MediaModel } from './media-model.js';
import { sortInputs, type SortedInput } from './sorted-inputs.js';
import type { TextTask } from './text-tower.js';
import type { TowerData } from './tower-data.js';

/** What a worker is to do for some images or sounds, and the inputs that it cannot get because they are unreadable. */
export interface PreparedMedia<Task> {
  /** Missing when no input is readable. */
  readonly task?: Task;
  readonly unreadable: readonly { readonly at: number; readonly error: NearfieldError }[];
}

/** What is particular to images or to sounds. */
export interface MediaKind<Task extends object> {
  readonly kind: 'image' | 'audio';
  /** Inputs a task. */
  readonly batchSize: number;
  /** Module of the worker. */
  readonly worker: URL;
  prepare(sources: readonly MediaSource[], tower: TowerData, signal?: AbortSignal): Promise<PreparedMedia<Task>>;
}

export interface MediaEncoderParts<Task extends object> {
  readonly identity: EncoderIdentity;
  readonly dimensions: number;
  readonly readsText: boolean;
  readonly model: MediaModel;
  readonly media: MediaKind<Task>;
  readonly textBatchSize: number;
  readonly threads: number | undefined;
}

/** Bytes of one side of a model beyond which one worker has it, with all threads. */
const LARGE_MODEL = 512 * 2 ** 20;

interface Batch {
  readonly kind: Modality;
  readonly inputs: readonly SortedInput[];
}

/**
 * An encoder of images or sounds, and of texts where the model has one space for both. The file of a side is
 * downloaded and opened when the first input of its kind comes.
 */
export class MediaEncoder<Task extends object> implements Encoder {
  readonly identity: EncoderIdentity;
  readonly accepts: readonly Modality[];
  readonly output: EncoderOutput;
  readonly #workers: LazyWorkers<Task | TextTask>;
  /** The kind of the input that came last, whose side is then the first to be opened. */
  #needed: Modality = 'text';

  constructor(private readonly parts: MediaEncoderParts<Task>) {
    this.identity = parts.identity;
    this.accepts = Object.freeze(parts.readsText ? ['text', parts.media.kind] : [parts.media.kind]) as Modality[];
    this.output = Object.freeze({ kind: 'dense', dimensions: parts.dimensions, metric: 'cosine' });
    this.#workers = new LazyWorkers(() => this.#startWorkers(this.#needed));
  }

  async encode(inputs: readonly EncoderInput[], options: EncodeOptions = {}): Promise<Encoded[]> {
    throwIfAborted(options.signal);
    const sorted = sortInputs(inputs, this.accepts, this.identity.name);
    if (sorted.length === 0) return [];
    this.#needed = inputs[0].kind;
    return this.#workers.during(options.signal, (workers) => {
      return workers.during(() => this.#encodeAll(sorted, workers, options));
    });
  }

  async close(): Promise<void> {
    await this.#workers.close();
  }

  async #encodeAll(
    inputs: readonly SortedInput[],
    workers: SessionWorkers<Task | TextTask>,
    options: EncodeOptions,
  ): Promise<Encoded[]> {
    const embeddings: Float32Array[] = Array.from({ length: inputs.length });
    const waiting = this.#batches(inputs, workers.width);
    // One lane more than there are workers: while they run, the images of the next batch are decoded.
    const lanes = Array.from({ length: workers.width + 1 }, async () => {
      // A generator ends for all of them when one fails.
      for (const batch of waiting) await this.#encodeBatch(batch, workers, options, embeddings);
    });
    const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return embeddings;
  }

  async #encodeBatch(
    { kind, inputs }: Batch,
    workers: SessionWorkers<Task | TextTask>,
    { role, signal, onUnreadable }: EncodeOptions,
    embeddings: Float32Array[],
  ): Promise<void> {
    const { dimensions } = this.parts;
    const missing = new Set<number>();
    const report = (at: number, error: NearfieldError): void => {
      const { position } = inputs[at] as SortedInput;
      reportUnreadable(error, position, onUnreadable);
      embeddings[position] = new Float32Array(dimensions);
      missing.add(at);
    };
    const { task, unreadable } = await this.#prepare(kind, inputs, signal);
    for (const { at, error } of unreadable) report(at, error);
    if (task === undefined) return;
    try {
      const values = await workers.run(task, { urgent: role === 'query', signal });
      const readable = inputs.filter((_, at) => !missing.has(at));
      for (const [row, { position }] of readable.entries()) {
        embeddings[position] = values.slice(row * dimensions, (row + 1) * dimensions);
      }
    } catch (error) {
      // A sound is decoded by the worker; it is alone in its task.
      report(0, unreadableOrThrow(error));
    }
  }

  async #prepare(
    kind: Modality,
    inputs: readonly SortedInput[],
    signal: AbortSignal | undefined,
  ): Promise<PreparedMedia<Task | TextTask>> {
    const { media, model } = this.parts;
    if (kind === 'text') {
      const texts = inputs.map((input) => input.text ?? '');
      const tower = await untilAborted(model.textTower(), signal);
      return { task: { kind: 'texts', texts, tower }, unreadable: [] };
    }
    const tower = await untilAborted(model.mediaTower(), signal);
    return media.prepare(
      inputs.map(({ source }) => source as MediaSource),
      tower,
      signal,
    );
  }

  /** Inputs of one kind, in batches of bounded size; texts of similar length go together, so that little is padded. */
  *#batches(inputs: readonly SortedInput[], workers: number): Generator<Batch> {
    const { media, textBatchSize } = this.parts;
    const texts = inputs.filter(({ text }) => text !== undefined);
    texts.sort((a, b) => (a.text ?? '').length - (b.text ?? '').length);
    const others = inputs.filter(({ text }) => text === undefined);
    yield* cut('text', texts, textBatchSize, workers);
    yield* cut(media.kind, others, media.batchSize, workers);
  }

  async #startWorkers(kind: Modality): Promise<SessionWorkers<Task | TextTask>> {
    const { identity, media, model, threads } = this.parts;
    const { size } = await (kind === 'text' ? model.textTower() : model.mediaTower());
    return new SessionWorkers(identity.name, media.worker, {}, threads, size > LARGE_MODEL ? 1 : undefined);
  }
}

/** Batches of at most `most`, and no larger than that every worker gets one. */
function* cut(kind: Modality, inputs: readonly SortedInput[], most: number, workers: number): Generator<Batch> {
  const size = Math.min(most, Math.ceil(inputs.length / workers));
  for (let at = 0; at < inputs.length; at += size) yield { kind, inputs: inputs.slice(at, at + size) };
}
