import type { HubFiles } from '../../hub/hub-server.js';
import {
  addMelTower,
  addWaveTower,
  tinyMelTower,
  tinyWaveTower,
  type TinyMelTower,
  type TinyWaveTower,
} from './tiny-sound-tower.js';
import { addTextTower, tinyTextTower, type TinyTextTower } from './tiny-text-tower.js';
import { tinyTokenizer, type TinyTokenizer } from './tiny-tokenizer.js';
import { addVisionTower, tinyVisionTower, type TinyVisionTower } from './tiny-vision-tower.js';
import { TinyTransformer } from './tiny-transformer.js';
import { TinyWeights } from './tiny-weights.js';

/** Tokens that the tiny text towers read. */
export const WINDOW = 10;

/** Side of the tiny vision towers' images. */
export const SIDE = 16;

const WIDTH = 8;
const DIMENSIONS = 6;

/** How the tiny CLIP, DINOv2 and ViT see colours. */
export const MEAN = [0.48, 0.46, 0.41] as const;
export const STD = [0.27, 0.26, 0.28] as const;

interface SharedSpace {
  readonly files: HubFiles;
  readonly text: TinyTextTower;
  readonly tokenizer: TinyTokenizer;
}

/** CLIP: resize the shorter side to 16, crop the middle; `vision_model.onnx` and `text_model.onnx`, or one file. */
export function tinyClip(layout: 'two files' | 'one file' = 'two files'): SharedSpace & { vision: TinyVisionTower } {
  const weights = new TinyWeights(1);
  const tokenizer = tinyTokenizer(['<start>', '<end>', '<end>']);
  const sizes = { vocabulary: tokenizer.size, window: WINDOW, width: WIDTH, dimensions: DIMENSIONS };
  const text = tinyTextTower(weights, 'clip', sizes);
  const vision = tinyVisionTower(weights, {
    image: SIDE,
    patch: 8,
    width: WIDTH,
    dimensions: DIMENSIONS,
    classToken: true,
  });
  const config = {
    model_type: 'clip',
    projection_dim: DIMENSIONS,
    text_config: { max_position_embeddings: WINDOW },
    vision_config: { image_size: SIDE },
  };
  const preprocessor = {
    do_resize: true,
    size: { shortest_edge: SIDE },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: SIDE, width: SIDE },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: MEAN,
    image_std: STD,
    do_convert_rgb: true,
  };
  const common = { ...json({ 'config.json': config, 'preprocessor_config.json': preprocessor }), ...tokenizer.files };
  if (layout === 'one file') {
    const graph = new TinyTransformer();
    addTextTower(graph, text, 'text_embeds');
    addVisionTower(graph, vision, 'image_embeds');
    graph.input('attention_mask', 'int64');
    const model = graph.write(['text_embeds', 'image_embeds']);
    return { files: { ...common, 'onnx/model.onnx': model }, text, vision, tokenizer };
  }
  return { files: { ...common, ...twoFiles(text, vision, 'text_embeds', 'image_embeds') }, text, vision, tokenizer };
}

/** SigLIP: both sides resized; texts in lower case, padded to the window; pooled outputs. */
export function tinySiglip(tokenizerClass = 'SiglipTokenizer'): SharedSpace & { vision: TinyVisionTower } {
  const weights = new TinyWeights(2);
  const isSecond = tokenizerClass.startsWith('Gemma');
  const config = { tokenizer_class: tokenizerClass };
  const tokenizer = tinyTokenizer(['<bos>', '</s>', isSecond ? '<pad>' : '</s>'], { lowercase: !isSecond, config });
  const sizes = { vocabulary: tokenizer.size, window: WINDOW, width: WIDTH, dimensions: WIDTH };
  const text = tinyTextTower(weights, 'siglip', sizes);
  const vision = tinyVisionTower(weights, {
    image: SIDE,
    patch: 8,
    width: WIDTH,
    dimensions: WIDTH,
    classToken: false,
  });
  const files = {
    'config.json': {
      model_type: 'siglip',
      text_config: { model_type: 'siglip_text_model', max_position_embeddings: WINDOW },
      vision_config: { model_type: 'siglip_vision_model', image_size: SIDE, hidden_size: WIDTH },
    },
    'preprocessor_config.json': {
      do_resize: true,
      size: { height: SIDE, width: SIDE },
      resample: 3,
      do_rescale: true,
      rescale_factor: 0.00392156862745098,
      do_normalize: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
    },
  };
  const graphs = twoFiles(text, vision, 'pooler_output', 'pooler_output');
  return { files: { ...json(files), ...tokenizer.files, ...graphs }, text, vision, tokenizer };
}

function twoFiles(text: TinyTextTower, vision: TinyVisionTower, textOutput: string, imageOutput: string): HubFiles {
  const [textGraph, visionGraph] = [new TinyTransformer(), new TinyTransformer()];
  addTextTower(textGraph, text, textOutput);
  addVisionTower(visionGraph, vision, imageOutput);
  return {
    'onnx/text_model.onnx': textGraph.write([textOutput]),
    'onnx/vision_model.onnx': visionGraph.write([imageOutput]),
  };
}

/** DINOv2 (shorter side to 20, crop of 16) or ViT (both sides to 16): hidden states alone. */
export function tinyVit(kind: 'dinov2' | 'vit'): { files: HubFiles; vision: TinyVisionTower } {
  const vision = tinyVisionTower(new TinyWeights(3), { image: SIDE, patch: 8, width: WIDTH, classToken: true });
  const graph = new TinyTransformer();
  addVisionTower(graph, vision, 'last_hidden_state');
  const resize = {
    dinov2: { size: { shortest_edge: 20 }, crop_size: { height: SIDE, width: SIDE } },
    vit: { size: SIDE },
  };
  const files = json({
    'config.json': { model_type: kind, hidden_size: WIDTH, image_size: SIDE },
    'preprocessor_config.json': { ...resize[kind], resample: 3, image_mean: MEAN, image_std: STD },
  });
  return { files: { ...files, 'onnx/model.onnx': graph.write(['last_hidden_state']) }, vision };
}

/** How the tiny CLAP hears: windows of a second at 8 000 Hz. */
export const MEL = {
  feature_extractor_type: 'ClapFeatureExtractor',
  sampling_rate: 8000,
  nb_max_samples: 8000,
  fft_window_size: 256,
  hop_length: 80,
  feature_size: 16,
  frequency_min: 50,
  frequency_max: 3800,
  padding: 'repeatpad',
};

export function tinyClap(truncation: 'rand_trunc' | 'fusion' = 'rand_trunc'): SharedSpace & { sound: TinyMelTower } {
  const weights = new TinyWeights(4);
  const tokenizer = tinyTokenizer(['<s>', '</s>', '<pad>']);
  const sizes = { vocabulary: tokenizer.size, window: WINDOW, width: WIDTH, dimensions: DIMENSIONS };
  const text = tinyTextTower(weights, 'clap', sizes);
  const isFusion = truncation === 'fusion';
  const sound = tinyMelTower(weights, MEL.feature_size, isFusion ? 4 : 1);
  const [textGraph, soundGraph] = [new TinyTransformer(), new TinyTransformer()];
  addTextTower(textGraph, text, 'text_embeds');
  addMelTower(soundGraph, sound, 'audio_embeds');
  if (isFusion) soundGraph.input('is_longer', 'bool');
  const files = json({
    'config.json': {
      model_type: 'clap',
      projection_dim: DIMENSIONS,
      text_config: { max_position_embeddings: WINDOW + 2 },
      audio_config: {},
    },
    'preprocessor_config.json': { ...MEL, truncation },
  });
  const graphs = {
    'onnx/text_model.onnx': textGraph.write(['text_embeds']),
    'onnx/audio_model.onnx': soundGraph.write(['audio_embeds']),
  };
  return { files: { ...files, ...tokenizer.files, ...graphs }, text, sound, tokenizer };
}

/** wav2vec 2.0 at 1 000 Hz, so that a window has 10 000 samples. */
export function tinyWav2Vec(normalize = true): { files: HubFiles; sound: TinyWaveTower } {
  const sound = tinyWaveTower(new TinyWeights(5));
  const graph = new TinyTransformer();
  addWaveTower(graph, sound, 'last_hidden_state');
  const files = json({
    'config.json': { model_type: 'wav2vec2', hidden_size: WIDTH, conv_kernel: [10, 3], conv_stride: [5, 2] },
    'preprocessor_config.json': {
      feature_extractor_type: 'Wav2Vec2FeatureExtractor',
      sampling_rate: 1000,
      do_normalize: normalize,
      padding_value: 0,
    },
  });
  const model = graph.write(['last_hidden_state']);
  return { files: { ...files, 'onnx/model.onnx': model }, sound };
}

function json(files: Readonly<Record<string, object>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [name, JSON.stringify(content)]));
}
