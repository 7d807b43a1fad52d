/** Saturation and length normalisation of BM25 when the schema does not say otherwise. */
export const BM25_DEFAULTS = Object.freeze({ k1: 1.2, b: 0.75 });
