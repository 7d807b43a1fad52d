// Another process with the database: runs one call a message and answers with its value or its error code.
import { open } from '@nearfield/engine';

let db;
let collection;

const calls = {
  open: async (path, options) => {
    db = await open(path, options);
  },
  collection: async (name) => {
    collection = await db.collection(name);
  },
  upsert: (records) => collection.upsert(records),
  count: (filter) => collection.count(filter),
  get: (id) => collection.get(id),
  ids: async (query) => {
    const { hits } = await collection.search({
      ...query,
      near: { ...query.near, value: new Float32Array(query.near.value) },
    });
    return hits.map(({ id }) => id);
  },
  close: () => db.close(),
};

process.on('message', async ({ call, args }) => {
  try {
    process.send({ value: await calls[call](...args) });
  } catch (error) {
    process.send({ code: error.code ?? String(error) });
  }
});
