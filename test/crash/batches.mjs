// What the writer writes, for the process that looks at what is left.
export const SCHEMA = {
  fields: { text: 'text', batch: 'integer' },
  vectors: { v: { dimensions: 8, metric: 'euclidean' }, words: { from: ['text'], encoder: wordEncoder() } },
};

/** Records of a batch; the size differs from one to the next. */
export function sizeOf(batch) {
  return 1 + ((batch * 7) % 20);
}

/** The records of a batch. The first one of all batches is the same, so that each batch replaces a record, too. */
export function batchOf(batch) {
  return Array.from({ length: sizeOf(batch) }, (_, i) => ({
    id: i === 0 ? 'shared' : `${batch}-${i}`,
    batch,
    text: `common batch${batch} record${i}`,
    vectors: { v: new Float32Array(8).fill(batch * 100 + i) },
  }));
}

function wordEncoder() {
  return {
    identity: { name: 'bow:plain', version: '1', checksum: 'none', options: {} },
    accepts: ['text'],
    output: { kind: 'sparse' },
    encode: async (inputs) =>
      inputs.map(({ text }) => {
        const terms = [...new Set(text.split(' '))];
        return { terms, weights: new Float32Array(terms.length).fill(1) };
      }),
    close: async () => undefined,
  };
}
