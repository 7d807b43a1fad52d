import { throwIfAborted } from '@nearfield/engine/encoder';
import type {
  EncodeOptions,
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
  MediaSource,
} from '@nearfield/engine/encoder';
import { inputMedia } from '../preprocess/media/input-media.js';
import { unreadableOrThrow, reportUnreadable } from '../preprocess/media/unreadable.js';
import { SessionWorkers } from './session-workers.js';

export interface ImageTask {
  /** What the encoder's `prepare` gave for each image, one after the other, in shared memory. */
  readonly pixels: Uint8Array;
  readonly images: number;
}

/** What is particular to one encoder of images. */
export interface ImageEncoderSpecification {
  readonly identity: EncoderIdentity;
  readonly output: Extract<EncoderOutput, { kind: 'dense' }>;
  readonly strength?: number;
  /** Module of the worker; its default export comes from `taskWorker`. */
  readonly worker: URL;
  /** Plain data that the worker loads its model from. */
  readonly data: object;
  /** Bytes that `prepare` gives for an image. */
  readonly pixelBytes: number;
  /** Decodes an image to what the model reads. Throws UNREADABLE_MEDIA. */
  readonly prepare: (source: MediaSource, signal: AbortSignal | undefined) => Promise<Uint8Array>;
}

/** Images a task: what a query may have to wait for, and what is decoded before it can run. */
const TASK_IMAGES = 8;

/**
 * An encoder of images. They are decoded in libuv's pool while worker threads run the model over those before them; a
 * call holds one decoded task more than there are workers, however many images it is given.
 */
export class ImageEncoder implements Encoder {
  readonly accepts = ['image'] as const;
  readonly identity: EncoderIdentity;
  readonly output: ImageEncoderSpecification['output'];
  readonly strength: number | undefined;
  #workers: SessionWorkers<ImageTask> | undefined;

  constructor(
    private readonly specification: ImageEncoderSpecification,
    private readonly threads: number | undefined,
  ) {
    this.identity = specification.identity;
    this.output = specification.output;
    this.strength = specification.strength;
  }

  async encode(inputs: readonly EncoderInput[], options: EncodeOptions = {}): Promise<Encoded[]> {
    throwIfAborted(options.signal);
    const images = inputMedia(inputs, 'image', this.identity.name);
    if (images.length === 0) return [];
    const workers = (this.#workers ??= this.#startWorkers());
    return workers.during(async () => {
      const { dimensions } = this.output;
      const embeddings = Array.from({ length: images.length }, () => new Float32Array(dimensions));
      const waiting = tasks(images.length, workers.width);
      const lanes = Array.from({ length: workers.width + 1 }, async () => {
        for (const [from, to] of waiting) {
          const { pixels, positions } = await this.#prepare(images, [from, to], options);
          if (positions.length === 0) continue;
          const task = { pixels, images: positions.length };
          const values = await workers.run(task, { urgent: options.role === 'query', signal: options.signal });
          for (const [row, at] of positions.entries()) {
            embeddings[at] = values.slice(row * dimensions, (row + 1) * dimensions);
          }
        }
      });
      try {
        await Promise.all(lanes);
      } finally {
        // Lanes that have not failed begin nothing more.
        waiting.return(undefined);
      }
      return embeddings;
    });
  }

  async close(): Promise<void> {
    const workers = this.#workers;
    this.#workers = undefined;
    await workers?.close();
  }

  /** The images from one position up to another that can be read, one after the other, and their positions. */
  async #prepare(
    images: readonly MediaSource[],
    [from, to]: readonly [number, number],
    { signal, onUnreadable }: EncodeOptions,
  ): Promise<{ pixels: Uint8Array; positions: number[] }> {
    const { prepare, pixelBytes } = this.specification;
    const prepared = await Promise.allSettled(images.slice(from, to).map((image) => prepare(image, signal)));
    throwIfAborted(signal);
    // In shared memory, so that a thread reads it without a copy.
    const pixels = new Uint8Array(new SharedArrayBuffer(prepared.length * pixelBytes));
    const positions: number[] = [];
    for (const [at, result] of prepared.entries()) {
      if (result.status === 'fulfilled') {
        pixels.set(result.value, positions.length * pixelBytes);
        positions.push(from + at);
      } else {
        reportUnreadable(unreadableOrThrow(result.reason), from + at, onUnreadable);
      }
    }
    return { pixels, positions };
  }

  #startWorkers(): SessionWorkers<ImageTask> {
    const { identity, worker, data } = this.specification;
    return new SessionWorkers(identity.name, worker, data, this.threads);
  }
}

/** Ranges of positions, from and up to: tasks of bounded size, and no larger than that every worker gets one. */
function* tasks(images: number, workers: number): Generator<readonly [number, number], undefined, undefined> {
  const size = Math.min(Math.ceil(images / workers), TASK_IMAGES);
  for (let from = 0; from < images; from += size) yield [from, Math.min(from + size, images)];
}
