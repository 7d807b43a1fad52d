import type { WaveformProcessing } from './audio-processing.js';

/** Keeps a silent window from being divided by zero. */
const EPSILON = 1e-7;

/** The `input_values` of wav2vec 2.0: the samples, padded with zeros to what the model's convolutions need. */
export function waveform(samples: Float32Array, { normalized, shortest }: WaveformProcessing): Float32Array {
  const values = new Float32Array(Math.max(samples.length, shortest));
  values.set(normalized ? zeroMeanUnitVariance(samples) : samples);
  return values;
}

function zeroMeanUnitVariance(samples: Float32Array): Float32Array {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const variance = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / samples.length;
  const deviation = Math.sqrt(variance + EPSILON);
  return samples.map((sample) => (sample - mean) / deviation);
}
