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
import { reportUnreadable, unreadableOrThrow } from '../preprocess/media/unreadable.js';
import { SessionWorkers, type RunOptions } from './session-workers.js';

export interface SoundTask {
  /** A `file:` URL as its text. */
  readonly sound: string | Uint8Array;
}

/** What is particular to one encoder of sounds. */
export interface SoundEncoderSpecification {
  readonly identity: EncoderIdentity;
  readonly output: Extract<EncoderOutput, { kind: 'dense' }>;
  /** Module of the worker; its default export comes from `taskWorker`. */
  readonly worker: URL;
  /** Plain data that the worker loads its model from. */
  readonly data: object;
}

/** An encoder whose worker threads decode sounds and run the model over them, a sound at a time. */
export class SoundEncoder implements Encoder {
  readonly accepts = ['audio'] as const;
  readonly identity: EncoderIdentity;
  readonly output: SoundEncoderSpecification['output'];
  #workers: SessionWorkers<SoundTask> | undefined;

  constructor(
    private readonly specification: SoundEncoderSpecification,
    private readonly threads: number | undefined,
  ) {
    this.identity = specification.identity;
    this.output = specification.output;
  }

  async encode(
    inputs: readonly EncoderInput[],
    { role, signal, onUnreadable }: EncodeOptions = {},
  ): Promise<Encoded[]> {
    throwIfAborted(signal);
    const sounds = inputMedia(inputs, 'audio', this.identity.name);
    if (sounds.length === 0) return [];
    const workers = (this.#workers ??= this.#startWorkers());
    return workers.during(async () => {
      const embeddings: Float32Array[] = Array.from({ length: sounds.length });
      const waiting = eachOf(sounds);
      const lanes = Array.from({ length: Math.min(workers.width, sounds.length) }, async () => {
        for (const [record, sound] of waiting) {
          const options = { urgent: role === 'query', signal, record };
          embeddings[record] = await this.#embed(workers, sound, options, onUnreadable);
        }
      });
      await Promise.all(lanes);
      return embeddings;
    });
  }

  async close(): Promise<void> {
    const workers = this.#workers;
    this.#workers = undefined;
    await workers?.close();
  }

  async #embed(
    workers: SessionWorkers<SoundTask>,
    sound: MediaSource,
    options: RunOptions & { record: number },
    onUnreadable: EncodeOptions['onUnreadable'],
  ): Promise<Float32Array> {
    try {
      return await workers.run({ sound: sendable(sound) }, options);
    } catch (error) {
      reportUnreadable(unreadableOrThrow(error), options.record, onUnreadable);
      return new Float32Array(this.output.dimensions);
    }
  }

  #startWorkers(): SessionWorkers<SoundTask> {
    const { identity, worker, data } = this.specification;
    return new SessionWorkers(identity.name, worker, data, this.threads);
  }
}

/** Positions and sounds. Unlike the iterator of an array it ends for all its readers when one of them fails. */
function* eachOf(sounds: readonly MediaSource[]): Generator<[number, MediaSource]> {
  yield* sounds.entries();
}

/** What a thread can be sent: not a URL, and no more of a buffer than the view shows. */
export function sendable(sound: MediaSource): string | Uint8Array {
  if (sound instanceof URL) return sound.href;
  if (typeof sound === 'string' || sound.byteLength === sound.buffer.byteLength) return sound;
  return new Uint8Array(sound);
}
