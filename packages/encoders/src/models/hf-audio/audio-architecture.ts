import type { MediaArchitecture } from '../hf-media/architecture.js';
import type { ModelConfig } from '../hf-media/model-config.js';
import { melProcessing, waveformProcessing, type AudioProcessing } from './audio-processing.js';

export interface AudioArchitecture extends MediaArchitecture {
  readonly processing: AudioProcessing;
}

/** What a feature extractor that reads samples is called, in the files of wav2vec 2.0, HuBERT, WavLM and others. */
const WAVEFORM_EXTRACTORS = new Set(['Wav2Vec2FeatureExtractor', 'Wav2Vec2Processor']);

/**
 * What config.json and preprocessor_config.json say of an audio model. Throws MODEL_INVALID for one that is neither of
 * CLAP's layout nor one of wav2vec 2.0.
 */
export function audioArchitecture(config: ModelConfig, preprocessor: ModelConfig): AudioArchitecture {
  if (config.has('text_config') && config.has('audio_config')) return clap(config, preprocessor);
  const extractor = preprocessor.text('feature_extractor_type', 'Wav2Vec2FeatureExtractor');
  if (!WAVEFORM_EXTRACTORS.has(extractor)) {
    throw preprocessor.invalid('feature_extractor_type', 'ClapFeatureExtractor or Wav2Vec2FeatureExtractor', extractor);
  }
  const dimensions = config.size('hidden_size');
  if (dimensions === undefined) throw config.invalid('hidden_size', 'the length of an embedding', undefined);
  return {
    dimensions,
    media: { stems: ['model', 'audio_model'], readings: [{ output: 'last_hidden_state', pooling: 'mean' }] },
    processing: waveformProcessing(preprocessor, config),
  };
}

/** CLAP (Wu et al. 2023, "Large-scale contrastive language-audio pretraining with feature fusion"). */
function clap(config: ModelConfig, preprocessor: ModelConfig): AudioArchitecture {
  const text = config.section('text_config');
  return {
    dimensions: config.size('projection_dim', 512),
    media: { stems: ['audio_model', 'model'], readings: [{ output: 'audio_embeds', pooling: 'row' }] },
    text: {
      stems: ['text_model', 'model'],
      readings: [{ output: 'text_embeds', pooling: 'row' }],
      // RoBERTa counts positions from the padding's number on, 1, so that two of them are never used.
      window: text.size('max_position_embeddings', 514) - 2,
      padding: 'longest',
      lowercase: false,
    },
    processing: melProcessing(preprocessor),
  };
}
