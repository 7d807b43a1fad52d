import type { PolicyLimits } from '@nearfield/engine/internals/segment/index';

export declare const SIZE: number;

export declare const SCHEMA: {
  readonly fields: { readonly batch: 'integer' };
  readonly vectors: {
    readonly v: {
      readonly dimensions: 8;
      readonly metric: 'euclidean';
      readonly hnsw: { readonly m: 8; readonly efConstruction: 40 };
    };
  };
};

export declare const LIMITS: PolicyLimits;

export declare function batchOf(batch: number): { id: string; batch: number; vectors: { v: Float32Array } }[];
