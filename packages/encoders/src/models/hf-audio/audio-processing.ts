import type { ModelConfig } from '../hf-media/model-config.js';

/** A log-mel spectrogram of windows of one length, as ClapFeatureExtractor makes it. */
export interface MelProcessing {
  readonly kind: 'log-mel';
  /** Samples a second. */
  readonly rate: number;
  /** Samples of a window; a shorter one is repeated as often as it fits and then padded, or only padded. */
  readonly window: number;
  readonly padding: 'repeatpad' | 'repeat' | 'pad';
  readonly fftSize: number;
  readonly hop: number;
  readonly mels: number;
  /** Hz. */
  readonly lowest: number;
  readonly highest: number;
  /** Models trained with feature fusion read four channels and HTK's mel scale without area normalisation. */
  readonly fusion: boolean;
}

/** The samples themselves, as Wav2Vec2FeatureExtractor makes them. */
export interface WaveformProcessing {
  readonly kind: 'waveform';
  readonly rate: number;
  /** Samples of a window at most. */
  readonly window: number;
  /** Samples that the model's convolutions need for one frame; a shorter window is padded with zeros. */
  readonly shortest: number;
  /** Whether each window is brought to mean 0 and variance 1. */
  readonly normalized: boolean;
}

export type AudioProcessing = MelProcessing | WaveformProcessing;

/**
 * Length of a window of samples, in seconds. Attention costs the square of it, and models of this kind were trained on
 * utterances of up to 15 s or so.
 */
const WAVEFORM_SECONDS = 10;

/** Reads the preprocessor_config.json of CLAP. */
export function melProcessing(config: ModelConfig): MelProcessing {
  const rate = config.size('sampling_rate', 48_000);
  const truncation = config.text('truncation', 'fusion');
  if (truncation !== 'fusion' && truncation !== 'rand_trunc') {
    throw config.invalid('truncation', "'fusion' or 'rand_trunc'", truncation);
  }
  const padding = config.text('padding', 'repeatpad');
  return {
    kind: 'log-mel',
    rate,
    window: config.size('nb_max_samples') ?? config.size('max_length_s', 10) * rate,
    padding: padding === 'repeatpad' || padding === 'repeat' ? padding : 'pad',
    fftSize: config.size('fft_window_size', 1024),
    hop: config.size('hop_length', 480),
    mels: config.size('feature_size', 64),
    lowest: config.number('frequency_min', 0),
    highest: config.number('frequency_max', 14_000),
    fusion: truncation === 'fusion',
  };
}

/**
 * Reads the preprocessor_config.json of wav2vec 2.0 and its relatives.
 *
 * @param model config.json, which has the kernels and strides of the convolutions
 */
export function waveformProcessing(config: ModelConfig, model: ModelConfig): WaveformProcessing {
  const rate = config.size('sampling_rate', 16_000);
  return {
    kind: 'waveform',
    rate,
    window: WAVEFORM_SECONDS * rate,
    shortest: receptiveField(model),
    normalized: config.flag('do_normalize', true),
  };
}

function receptiveField(model: ModelConfig): number {
  const kernels = model.numbers('conv_kernel') ?? [10, 3, 3, 3, 3, 2, 2];
  const strides = model.numbers('conv_stride') ?? [5, 2, 2, 2, 2, 2, 2];
  return kernels.reduceRight((field, kernel, at) => (field - 1) * (strides[at] ?? 1) + kernel, 1);
}
