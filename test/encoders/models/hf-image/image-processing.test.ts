import t from 'tap';
import { ModelConfig } from '@nearfield/encoders/internals/models/hf-media/model-config';
import { imageProcessing } from '@nearfield/encoders/internals/models/hf-image/image-processing';

const HALF = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
const read = (values: object, side?: number) =>
  imageProcessing(new ModelConfig('preprocessor_config.json', values), side);
const square = (side: number) => ({ width: side, height: side });

t.test('sizes are read in every form that they have', (t) => {
  const cover = (edge: number, crop: number) => ({ decoded: square(edge), fit: 'cover', size: square(crop) });
  const fill = (side: number) => ({ decoded: square(side), fit: 'fill', size: square(side) });
  const cases: [string, object, object][] = [
    [
      'CLIP',
      { size: { shortest_edge: 224 }, crop_size: { height: 224, width: 224 }, do_center_crop: true },
      cover(224, 224),
    ],
    ['an older CLIP', { size: 224, crop_size: 224, do_center_crop: true }, cover(224, 224)],
    ['DINOv2', { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } }, cover(256, 224)],
    ['SigLIP', { size: { height: 384, width: 384 } }, fill(384)],
    ['an older ViT', { size: 224 }, fill(224)],
    ['a size that only the model names', {}, fill(96)],
    ['ConvNeXT', { size: { shortest_edge: 224 }, crop_pct: 0.875 }, cover(256, 224)],
    ['an older ConvNeXT', { size: 224, crop_pct: 0.875 }, cover(256, 224)],
    [
      'an older DeiT',
      { feature_extractor_type: 'DeiTFeatureExtractor', size: 256, crop_size: 224, do_center_crop: true },
      { decoded: square(256), fit: 'fill', size: square(224) },
    ],
    ['a large ConvNeXT', { size: { shortest_edge: 384 }, crop_pct: 0.875 }, fill(384)],
    [
      'a crop that is switched off',
      { size: { height: 32, width: 32 }, crop_size: 16, do_center_crop: false },
      fill(32),
    ],
  ];
  for (const [name, values, expected] of cases) t.match(read({ ...HALF, ...values }, 96), expected, name);
  t.end();
});

t.test('filters are those of Pillow', (t) => {
  const kernels = [0, 1, 2, 3].map((resample) => read({ ...HALF, size: 8, resample }).kernel);
  t.same(kernels, ['nearest', 'lanczos3', 'linear', 'cubic']);
  t.equal(read({ ...HALF, size: 8 }).kernel, 'linear');
  t.end();
});

t.test('rescaling and normalising can be switched off', (t) => {
  const plain = read({ size: 8, do_rescale: false, do_normalize: false }).normalization;
  t.same(plain, { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
  t.same(read({ ...HALF, size: 8, rescale_factor: 0.5 }).normalization, {
    scale: 0.5,
    mean: HALF.image_mean,
    std: HALF.image_std,
  });
  t.end();
});

t.test('what cannot be done is refused by its key', (t) => {
  const cases: [string, object][] = [
    ['do_resize', { do_resize: false }],
    ['resample', { resample: 9 }],
    ['resample', { resample: 'bicubic' }],
    ['crop_size', { size: { shortest_edge: 224 } }],
    ['crop_size', { size: { shortest_edge: 200 }, crop_size: 224 }],
    ['size', { size: { longest_edge: 224 } }],
    ['image_mean', { size: 8, image_mean: [0.5] }],
  ];
  for (const [field, values] of cases) {
    t.throws(() => read({ ...HALF, ...values }), { code: 'MODEL_INVALID', details: { field } }, JSON.stringify(values));
  }
  t.throws(() => read({ size: 8 }), { code: 'MODEL_INVALID', details: { field: 'image_mean' } });
  t.throws(() => read({ ...HALF }), { code: 'MODEL_INVALID', details: { field: 'size' } });
  t.end();
});
