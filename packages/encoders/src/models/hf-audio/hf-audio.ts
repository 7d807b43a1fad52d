import type { Encoder, MediaSource } from '@nearfield/engine/encoder';
import { openRepository } from '../../hub/open-repository.js';
import { sendable } from '../../session/sound-encoder.js';
import { createMediaEncoder } from '../hf-media/create-encoder.js';
import type { MediaKind } from '../hf-media/media-encoder.js';
import { checkMediaOptions, type HfMediaOptions } from '../hf-media/media-options.js';
import { preprocessorConfig, requiredConfig } from '../hf-media/repository-configs.js';
import type { Blank } from '../hf-media/tower-data.js';
import { audioArchitecture } from './audio-architecture.js';
import type { AudioProcessing } from './audio-processing.js';
import { LogMel } from './log-mel.js';
import type { SoundTask } from './worker.js';

export const HF_AUDIO_PREFIX = 'audio:hf/';

/** Changes whenever preprocessing changes an embedding. */
const VERSION = '1';

/** Windows of a sound that go through a model at once: one of 10 s is work enough, and a model needs much memory for it. */
const BATCH_SIZE = 1;

export type HfAudioOptions = HfMediaOptions;

/**
 * A sound model of a hub or a folder in the layout of Hugging Face with ONNX files. CLAP (Wu et al. 2023) takes texts
 * too, into the same space; wav2vec 2.0 (Baevski et al. 2020), HuBERT, WavLM and their like take sounds alone, as the
 * mean of their last layer over time. Embeddings have length 1, for cosine.
 *
 * A sound is read in windows of 10 s (CLAP: as long as its files say), whose embeddings are averaged, each with the
 * weight of its length; a rest of less than a tenth of a window is left out. CLAP's own random crop of long sounds, and
 * its feature fusion of them, are not used: the first hears a part only, and neither gives the same numbers twice.
 *
 * @param repository `org/repository`, with `@revision` if wanted, or the path of a folder that begins with `./` or `/`
 *
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_UNAVAILABLE and MODEL_INVALID.
 */
export async function hfAudio(repository: string, options: HfAudioOptions = {}): Promise<Encoder> {
  const name = `${HF_AUDIO_PREFIX}${repository}`;
  checkMediaOptions(options, name);
  const { batchSize = BATCH_SIZE, folder, onProgress } = options;
  const files = await openRepository(repository, { folder, onProgress });
  const preprocessor = await preprocessorConfig(files, 'feature_extractor');
  const { processing, ...architecture } = audioArchitecture(await requiredConfig(files, 'config.json'), preprocessor);
  return createMediaEncoder<SoundTask>(files, options, {
    name,
    version: VERSION,
    architecture,
    blanks: blanks(processing),
    media: soundKind(processing, batchSize),
  });
}

function blanks(processing: AudioProcessing): Record<string, Blank> {
  if (processing.kind === 'waveform') return {};
  return { input_features: { shape: [1, ...new LogMel(processing).shape], value: 0, type: 'float32' } };
}

/** A sound is a task of its own: a worker decodes it in pieces and runs the model over each, while others do so with others. */
function soundKind(processing: AudioProcessing, batchSize: number): MediaKind<SoundTask> {
  return {
    kind: 'audio',
    batchSize: 1,
    worker: new URL('worker.js', import.meta.url),
    async prepare([source], tower) {
      const task: SoundTask = { kind: 'sound', source: sendable(source as MediaSource), processing, tower, batchSize };
      return { task, unreadable: [] };
    },
  };
}
