import { NearfieldError, describe, refuseUnknownKeys, throwIfAborted } from '@nearfield/engine/encoder';
import type {
  EncodeOptions,
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
  MediaSource,
} from '@nearfield/engine/encoder';
import { audioInputs } from '../preprocess/audio/audio-inputs.js';
import { SessionWorkers, type RunOptions } from './session-workers.js';
import type { SoundTask } from './sound-worker.js';

export interface SoundEncoderOptions {
  /** Threads that decode and encode: a positive integer. Default: the available cores. */
  readonly threads?: number;
}

/** What is particular to one encoder of sounds. */
export interface SoundEncoderSpecification {
  readonly identity: EncoderIdentity;
  readonly output: Extract<EncoderOutput, { kind: 'dense' }>;
  /** Module of the worker; its default export comes from `soundWorker`. */
  readonly worker: URL;
  /** Plain data that the worker loads its model from. */
  readonly data: object;
}

/** Throws UNKNOWN_OPTION and INVALID_ARGUMENT. */
export function checkSoundOptions(options: SoundEncoderOptions, encoder: string): void {
  refuseUnknownKeys(options, ['threads'], encoder);
  const { threads } = options;
  if (threads === undefined || (Number.isInteger(threads) && threads > 0)) return;
  throw new NearfieldError('INVALID_ARGUMENT', `Invalid \`threads\` of ${encoder}`, {
    expected: 'a positive integer',
    received: describe(threads),
    field: 'threads',
  });
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
    const sounds = audioInputs(inputs, this.identity.name);
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
      const isUnreadable = error instanceof NearfieldError && error.code === 'UNREADABLE_MEDIA';
      if (!isUnreadable || onUnreadable === undefined) throw error;
      onUnreadable(options.record, error);
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
