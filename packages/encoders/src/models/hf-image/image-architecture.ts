import type { MediaArchitecture, TextTower } from '../hf-media/architecture.js';
import type { ModelConfig } from '../hf-media/model-config.js';
import type { Reading } from '../hf-media/reading.js';

/** What becomes the embedding of an image model without text; see `ImageHfOptions.pooling`. */
export type ImagePooling = 'cls' | 'mean' | 'pooler';

export interface ImageArchitecture extends MediaArchitecture {
  /** The side of the images that the model was made for, if it says so. */
  readonly imageSize: number | undefined;
}

const HIDDEN = 'last_hidden_state';
const POOLER: Reading = { output: 'pooler_output', pooling: 'row' };

/** Vision transformers whose first token stands for the image. */
const WITH_CLASS_TOKEN = new Set([
  'beit',
  'data2vec-vision',
  'deit',
  'dinov2',
  'dinov2_with_registers',
  'dinov3_vit',
  'vit',
  'vit_mae',
  'vit_msn',
]);

/**
 * What the config.json of an image model says of its parts. Throws MODEL_INVALID for a model that is not of a known form.
 *
 * @param tokenizer the class of the tokenizer, which tells the generations of SigLIP apart
 */
export function imageArchitecture(
  config: ModelConfig,
  tokenizer: string | undefined,
  pooling: ImagePooling | undefined,
): ImageArchitecture {
  const kind = config.text('model_type', '');
  if (kind === 'siglip2' || config.section('vision_config').text('model_type') === 'siglip2_vision_model') {
    throw config.invalid('model_type', 'SigLIP 2 of a fixed resolution (model_type siglip)', kind);
  }
  const shared = config.has('text_config') && config.has('vision_config');
  if (shared && pooling !== undefined) {
    throw config.invalid('model_type', 'an image model without text, as `pooling` is given', kind);
  }
  if (kind === 'siglip') return siglip(config, tokenizer);
  return shared ? clip(config) : imageAlone(config, kind, pooling);
}

/** CLIP (Radford et al. 2021) and models of its layout; text is read up to its end token, and padding does not matter. */
function clip(config: ModelConfig): ImageArchitecture {
  const text = config.section('text_config');
  const vision = config.section('vision_config');
  const dimensions = config.size('projection_dim') ?? vision.size('projection_dim', 512);
  return {
    dimensions,
    imageSize: vision.size('image_size'),
    media: { stems: ['vision_model', 'model'], readings: rows('image_embeds', 'image_embeddings') },
    text: {
      stems: ['text_model', 'model'],
      readings: rows('text_embeds', 'text_embeddings'),
      window: text.size('max_position_embeddings', 77),
      padding: 'longest',
      lowercase: false,
    },
  };
}

/** SigLIP (Zhai et al. 2023) and SigLIP 2 (Tschannen et al. 2025), which reads texts in lower case. */
function siglip(config: ModelConfig, tokenizer: string | undefined): ImageArchitecture {
  const section = config.section('text_config');
  const vision = config.section('vision_config');
  const text: TextTower = {
    stems: ['text_model', 'model'],
    readings: rows('text_embeds', 'pooler_output'),
    window: section.size('max_position_embeddings', 64),
    padding: 'window',
    lowercase: tokenizer?.startsWith('Gemma') ?? false,
  };
  return {
    dimensions: vision.size('hidden_size', 768),
    imageSize: vision.size('image_size'),
    media: { stems: ['vision_model', 'model'], readings: rows('image_embeds', 'pooler_output') },
    text,
  };
}

function imageAlone(config: ModelConfig, kind: string, pooling: ImagePooling | undefined): ImageArchitecture {
  const vision = config.has('vision_config') ? config.section('vision_config') : config;
  const stages = vision.numbers('hidden_sizes')?.at(-1);
  const dimensions = config.size('projection_dim') ?? vision.size('hidden_size') ?? stages;
  if (dimensions === undefined) throw config.invalid('hidden_size', 'the length of an embedding', undefined);
  return {
    dimensions,
    imageSize: imageSize(vision),
    media: { stems: ['model', 'vision_model'], readings: readings(vision, kind, pooling) },
  };
}

function readings(config: ModelConfig, kind: string, pooling: ImagePooling | undefined): Reading[] {
  const hasClassToken = WITH_CLASS_TOKEN.has(kind);
  const skip = hasClassToken ? 1 + (config.number('num_register_tokens') ?? 0) : 0;
  const mean: Reading = { output: HIDDEN, pooling: 'mean', skip };
  switch (pooling) {
    case 'cls':
      return [{ output: HIDDEN, pooling: 'first' }];
    case 'mean':
      return [mean];
    case 'pooler':
      return [POOLER];
    case undefined: {
      const embeds: Reading = { output: 'image_embeds', pooling: 'row' };
      return hasClassToken ? [{ output: HIDDEN, pooling: 'first' }, embeds] : [embeds, POOLER, mean];
    }
    default: {
      const other: never = pooling;
      throw config.invalid('pooling', "'cls', 'mean' or 'pooler'", other);
    }
  }
}

/** Outputs that are embeddings as they are. */
function rows(...outputs: readonly string[]): Reading[] {
  return outputs.map((output) => ({ output, pooling: 'row' }));
}

/** A number, or a list of height and width. */
function imageSize(config: ModelConfig): number | undefined {
  return Array.isArray(config.raw('image_size')) ? undefined : config.size('image_size');
}
