import t from 'tap';
import { findModelFiles, modelChecksum, obtainModelFiles } from '@nearfield/encoders/internals/hub/model-file';
import { openRepository } from '@nearfield/encoders/internals/hub/open-repository';
import { hubServer, useHub } from './hub-server.js';

const FILES = {
  'config.json': '{}',
  'model.onnx': 'top',
  'onnx/model_int8.onnx': '8 bits',
  'onnx/model_uint8.onnx': '8 bits, too',
  'onnx/text_model.onnx': 'text',
  'onnx/text_model.onnx_data': 'one',
  'onnx/text_model.onnx_data_1': 'two',
};

for (const api of [true, false]) {
  t.test(
    `an ONNX file is found by its precision and part, ${api ? 'by the listing' : 'without a listing'}`,
    async (t) => {
      const server = await hubServer(t, { 'tiny/model': FILES }, { api });
      useHub(t, server.endpoint, t.testdir());
      const repository = await openRepository('tiny/model');
      t.same(await findModelFiles(repository, { precision: 'fp32' }), { model: 'model.onnx', data: [] });
      t.same(await findModelFiles(repository, { precision: 'int8' }), { model: 'onnx/model_int8.onnx', data: [] });
      const text = await findModelFiles(repository, { precision: 'fp32', stem: 'text_model' });
      t.same(text, {
        model: 'onnx/text_model.onnx',
        data: ['onnx/text_model.onnx_data', 'onnx/text_model.onnx_data_1'],
      });
      const local = await obtainModelFiles(repository, text);
      t.equal(local.size, 'textonetwo'.length);
      t.equal(await modelChecksum(repository, text, ['none.json']), await modelChecksum(repository, text, []));
      t.not(await modelChecksum(repository, text, ['config.json']), await modelChecksum(repository, text, []));
      await t.rejects(findModelFiles(repository, { precision: 'fp16' }), {
        code: 'MODEL_NOT_FOUND',
        message: api ? /onnx\/text_model\.onnx/ : /model_fp16\.onnx/,
        details: { field: 'precision' },
      });
    },
  );
}
