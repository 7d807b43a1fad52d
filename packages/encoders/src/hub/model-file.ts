import { NearfieldError } from '@nearfield/engine/encoder';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { ModelRepository } from './model-repository.js';

/** How a model's weights are stored: 32 or 16 bits a number, or 8 with scales, which is the smallest and often the fastest. */
export type Precision = 'fp32' | 'fp16' | 'int8';

export const PRECISIONS: readonly Precision[] = ['fp32', 'fp16', 'int8'];

/** Ends of file names by precision, as Optimum, Transformers.js and Sentence Transformers write them; the first there is counts. */
const SUFFIXES: Readonly<Record<Precision, readonly string[]>> = {
  fp32: [''],
  fp16: ['_fp16', '_O4'],
  int8: ['_quantized', '_int8', '_uint8', '_quint8_avx2', '_qint8_avx512_vnni', '_qint8_avx512', '_qint8_arm64'],
};

/** Folders in which ONNX files are looked for. */
const FOLDERS = ['onnx/', ''];

/** The files of an ONNX model: the graph, and what it keeps outside of itself. */
export interface ModelFiles {
  readonly model: string;
  /** External data, which must lie beside the model. */
  readonly data: readonly string[];
}

/**
 * Finds an ONNX model of a precision in a repository. Throws MODEL_NOT_FOUND, naming the ONNX files that there are.
 *
 * @param stem name of the graph: `model`, or `text_model`, `vision_model` and the like for one part of a larger model
 * @param file path of the model when it is known; the precision is then not looked at
 */
export async function findModelFiles(
  repository: ModelRepository,
  { precision, stem = 'model', file }: { precision: Precision; stem?: string; file?: string },
): Promise<ModelFiles> {
  const candidates =
    file === undefined
      ? SUFFIXES[precision].flatMap((suffix) => FOLDERS.map((folder) => `${folder}${stem}${suffix}.onnx`))
      : [file];
  for (const model of candidates) {
    if (await repository.has(model)) return { model, data: await externalData(repository, model) };
  }
  const known = repository.files?.filter((path) => path.endsWith('.onnx'));
  throw new NearfieldError('MODEL_NOT_FOUND', `Model ${repository.name} has no ONNX file of this kind`, {
    expected: file ?? `precision ${precision}: ${candidates.join(' or ')}`,
    received: known?.join(', ') || 'no other ONNX file',
    remedy: 'Choose another `precision`, or a repository that was exported to ONNX.',
    field: file === undefined ? 'precision' : 'modelFile',
  });
}

/** `model.onnx_data`, `model.onnx_data_1`, … or `model.onnx.data`. */
async function externalData(repository: ModelRepository, model: string): Promise<string[]> {
  const { files } = repository;
  if (files !== undefined) {
    return files.filter((path) => path.startsWith(`${model}_data`) || path === `${model}.data`).sort();
  }
  const data: string[] = [];
  for (const path of [`${model}_data`, `${model}.data`]) if (await repository.has(path)) data.push(path);
  for (let part = 1; data.includes(`${model}_data`) && (await repository.has(`${model}_data_${part}`)); part++) {
    data.push(`${model}_data_${part}`);
  }
  return data;
}

/** A model that is on this computer. */
export interface LocalModel {
  readonly path: string;
  /** Bytes of the graph and its external data. */
  readonly size: number;
}

/** Downloads the files if need be. Throws what `ModelRepository.file` throws. */
export async function obtainModelFiles(repository: ModelRepository, { model, data }: ModelFiles): Promise<LocalModel> {
  const paths = await Promise.all([model, ...data].map((file) => repository.file(file)));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return { path: paths[0], size: sizes.reduce((total, size) => total + size, 0) };
}

/**
 * SHA-256 (hex) that identifies a model by its weights and its other files that change embeddings, wherever they lie.
 *
 * @param others paths of the vocabulary and the like; those that do not exist are passed over
 */
export async function modelChecksum(
  repository: ModelRepository,
  { model, data }: ModelFiles,
  others: readonly string[],
): Promise<string> {
  const hash = createHash('sha256');
  for (const path of [model, ...data]) hash.update(`${await repository.sha256(path)}\n`);
  for (const path of others) if (await repository.has(path)) hash.update(`${await repository.sha256(path)}\n`);
  return hash.digest('hex');
}
