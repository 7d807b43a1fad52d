import type { Encoder } from '@nearfield/engine';

export declare const SCHEMA: {
  readonly fields: { readonly text: 'text'; readonly batch: 'integer' };
  readonly vectors: {
    readonly v: { readonly dimensions: 8; readonly metric: 'euclidean' };
    readonly words: { readonly from: readonly ['text']; readonly encoder: Encoder };
  };
};

export declare function sizeOf(batch: number): number;

export declare function batchOf(
  batch: number,
): { id: string; batch: number; text: string; vectors: { v: Float32Array } }[];
