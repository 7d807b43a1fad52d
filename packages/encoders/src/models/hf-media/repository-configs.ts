import type { ModelRepository } from '../../hub/model-repository.js';
import { ModelConfig } from './model-config.js';

/** Throws MODEL_INVALID when the repository has no such file, and what it throws. */
export async function requiredConfig(repository: ModelRepository, file: string): Promise<ModelConfig> {
  return new ModelConfig(file, await repository.json(file));
}

/**
 * preprocessor_config.json, or the section of processor_config.json that newer repositories have instead of it.
 *
 * @param section `image_processor` or `feature_extractor`
 */
export async function preprocessorConfig(repository: ModelRepository, section: string): Promise<ModelConfig> {
  const own = await repository.json('preprocessor_config.json');
  if (own !== undefined) return new ModelConfig('preprocessor_config.json', own);
  const processor = new ModelConfig('processor_config.json', (await repository.json('processor_config.json')) ?? {});
  if (processor.has(section)) return processor.section(section);
  return new ModelConfig('preprocessor_config.json', undefined);
}

/** The class that tokenizer_config.json names. */
export async function tokenizerClass(repository: ModelRepository): Promise<string | undefined> {
  const config = await repository.json('tokenizer_config.json');
  return config === undefined ? undefined : new ModelConfig('tokenizer_config.json', config).text('tokenizer_class');
}
