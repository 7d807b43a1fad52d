import { builtIndex } from './built-index.mjs';

/** The engines with their indexes over `set` open, ready to be swept; two labels of one engine share its index. */
export async function openContenders(engines, set) {
  const open = new Map();
  const contenders = [];
  for (const engine of engines) {
    const { adapter, quantization, label } = engine;
    const key = `${adapter.name} ${quantization}`;
    if (!open.has(key)) {
      const built = await builtIndex(engine, set);
      open.set(key, { built, index: await adapter.open(built.options) });
    }
    const { built, index } = open.get(key);
    const prepare = engine.converting ? undefined : index.prepare;
    const queries = prepare === undefined ? set.queries : set.queries.map((query) => prepare(query));
    contenders.push({ label, engine, index, built, queries });
  }
  return contenders;
}

export async function closeContenders(contenders) {
  for (const index of new Set(contenders.map((contender) => contender.index))) await index.close();
}
