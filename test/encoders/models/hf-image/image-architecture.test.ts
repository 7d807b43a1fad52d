import t from 'tap';
import { ModelConfig } from '@nearfield/encoders/internals/models/hf-media/model-config';
import { imageArchitecture } from '@nearfield/encoders/internals/models/hf-image/image-architecture';

const read = (values: object, tokenizer?: string) =>
  imageArchitecture(new ModelConfig('config.json', values), tokenizer, undefined);

t.test('defaults that a config.json leaves out are those of the models', (t) => {
  const clip = read({ model_type: 'clip', text_config: {}, vision_config: {} });
  t.match(clip, { dimensions: 512, text: { window: 77, padding: 'longest', lowercase: false } });
  const siglip = read({ model_type: 'siglip', text_config: {}, vision_config: {} }, 'SiglipTokenizer');
  t.match(siglip, { dimensions: 768, text: { window: 64, padding: 'window', lowercase: false } });
  t.match(read({ model_type: 'siglip', text_config: {}, vision_config: {} }, 'GemmaTokenizerFast'), {
    text: { lowercase: true },
  });
  t.end();
});

t.test('what is read of images alone depends on the model', (t) => {
  const first = (values: object) => read(values).media.readings[0];
  t.same(first({ model_type: 'vit', hidden_size: 8 }), { output: 'last_hidden_state', pooling: 'first' });
  t.same(first({ model_type: 'swin', hidden_size: 8 }), { output: 'image_embeds', pooling: 'row' });
  t.equal(read({ model_type: 'convnextv2', hidden_sizes: [4, 8, 16] }).dimensions, 16);
  const registers = new ModelConfig('config.json', {
    model_type: 'dinov2_with_registers',
    hidden_size: 8,
    num_register_tokens: 4,
  });
  t.match(imageArchitecture(registers, undefined, 'mean').media.readings, [{ pooling: 'mean', skip: 5 }]);
  t.equal(read({ model_type: 'clip_vision_model', hidden_size: 8, projection_dim: 4 }).dimensions, 4);
  t.end();
});

t.test('models of no fixed size or length are refused', (t) => {
  t.throws(() => read({ model_type: 'siglip2', text_config: {}, vision_config: {} }), { code: 'MODEL_INVALID' });
  t.throws(() => read({ model_type: 'vit' }), { code: 'MODEL_INVALID', details: { field: 'hidden_size' } });
  t.throws(() => read({ model_type: 'vit', hidden_size: '8' }), { code: 'MODEL_INVALID', message: /positive integer/ });
  t.end();
});
