import type { MediaSource } from '@nearfield/engine/encoder';
import { decodeAudio } from '../../preprocess/audio/decode-audio.js';
import { mediaWorker } from '../hf-media/media-worker.js';
import type { OpenTower, OpenTowers, TowerInput } from '../hf-media/open-tower.js';
import type { TowerData } from '../hf-media/tower-data.js';
import { unitVector } from '../hf-media/unit-vector.js';
import type { AudioProcessing } from './audio-processing.js';
import { LogMel } from './log-mel.js';
import { soundWindows } from './sound-windows.js';
import { waveform } from './waveform.js';

/** One sound for the sound side of a model. */
export interface SoundTask {
  readonly kind: 'sound';
  readonly source: MediaSource;
  readonly processing: AudioProcessing;
  readonly tower: TowerData;
  /** Windows that go through the model at once. */
  readonly batchSize: number;
}

/** What goes into the model of one window, and the number of its samples, which is its weight. */
interface Features {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly weight: number;
}

/** Entry of the worker thread. */
export default mediaWorker(embedSound);

/**
 * The embedding of a sound: the mean of those of its windows, weighted by their length, brought to length 1. Pieces are
 * decoded as they are needed.
 */
async function embedSound(
  { source, processing, tower, batchSize }: SoundTask,
  towers: OpenTowers,
  isCancelled: () => boolean,
): Promise<Float32Array | undefined> {
  const open = await towers.open(tower);
  const features = featuresOf(processing);
  const sum = new Float64Array(tower.width);
  let batch: Features[] = [];
  for await (const samples of soundWindows(decodeAudio(source, processing), processing.window)) {
    if (isCancelled()) return undefined;
    const next = features(samples);
    // A window of another length would have to be padded, and padding changes what these models make of it.
    if (batch.length === batchSize || (batch[0] && batch[0].data.length !== next.data.length)) {
      await addBatch(open, processing, batch, sum);
      batch = [];
    }
    batch.push(next);
  }
  await addBatch(open, processing, batch, sum);
  return unitVector(Float32Array.from(sum), tower.dimensions);
}

function featuresOf(processing: AudioProcessing): (samples: Float32Array) => Features {
  switch (processing.kind) {
    case 'log-mel': {
      const logMel = new LogMel(processing);
      return (samples) => ({ shape: logMel.shape, data: logMel.compute(samples), weight: samples.length });
    }
    case 'waveform':
      return (samples) => {
        const data = waveform(samples, processing);
        return { shape: [data.length], data, weight: samples.length };
      };
    default: {
      const other: never = processing;
      throw new TypeError(`Unknown processing ${String(other)}`);
    }
  }
}

async function addBatch(
  open: OpenTower,
  processing: AudioProcessing,
  batch: readonly Features[],
  sum: Float64Array,
): Promise<void> {
  if (batch.length === 0) return;
  const embeddings = await open.run(feeds(processing, batch), batch.length);
  for (const [at, embedding] of embeddings.entries()) {
    // Embeddings of a space count by their direction; means over frames are added up to the mean over all frames.
    const part = open.isMean ? embedding : unitVector(embedding, embedding.length);
    for (let place = 0; place < sum.length; place++) sum[place] += part[place] * batch[at].weight;
  }
}

function feeds({ kind }: AudioProcessing, batch: readonly Features[]): Record<string, TowerInput> {
  const { shape, data } = batch[0];
  const values = new Float32Array(batch.length * data.length);
  for (const [at, features] of batch.entries()) values.set(features.data, at * data.length);
  const input = { shape: [batch.length, ...shape], data: values };
  if (kind === 'waveform') {
    const mask = new BigInt64Array(values.length).fill(1n);
    return { input_values: input, attention_mask: { shape: input.shape, data: mask } };
  }
  return { input_features: input, is_longer: { shape: [batch.length, 1], data: new Uint8Array(batch.length) } };
}
