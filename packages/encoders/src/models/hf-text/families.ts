import type { Pooling } from '../../pooling/pooling.js';

/** What the authors of a family of models say about their use, where its files may not. */
export interface Family {
  readonly pooling?: Pooling;
  /** What goes before a query and before a document. */
  readonly query?: string;
  readonly document?: string;
  readonly metric?: 'dot';
  /** Layer normalization before an embedding is cut. */
  readonly layerNorm?: boolean;
}

const PASSAGES = 'Represent this sentence for searching relevant passages: ';

/**
 * Families by the beginning of a repository's name; the first that fits counts. From the model cards of BAAI (BGE),
 * intfloat (E5), Alibaba-NLP and thenlper (GTE), nomic-ai, mixedbread-ai, Snowflake and Sentence Transformers.
 */
const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/^bge-m3/, { pooling: 'cls' }],
  [/^bge-.*-zh/, { pooling: 'cls', query: '为这个句子生成表示以用于检索相关文章：' }],
  [/^bge-/, { pooling: 'cls', query: PASSAGES }],
  [/^(multilingual-)?e5-.*instruct/, { pooling: 'mean' }],
  [/^(multilingual-)?e5-(small|base|large)/, { pooling: 'mean', query: 'query: ', document: 'passage: ' }],
  [/^gte-(modernbert|multilingual)/, { pooling: 'cls' }],
  [/^gte-.*-v1\.5/, { pooling: 'cls' }],
  [/^gte-(tiny|small|base|large)/, { pooling: 'mean' }],
  [
    /^nomic-embed-text-v1\.5/,
    { pooling: 'mean', query: 'search_query: ', document: 'search_document: ', layerNorm: true },
  ],
  [/^(nomic-embed-text|modernbert-embed)/, { pooling: 'mean', query: 'search_query: ', document: 'search_document: ' }],
  [/^mxbai-embed-/, { pooling: 'cls', query: PASSAGES }],
  [/^snowflake-arctic-embed-.*-v2/, { pooling: 'cls', query: 'query: ' }],
  [/^snowflake-arctic-embed-/, { pooling: 'cls', query: PASSAGES }],
  [/^multi-qa-.*-dot-/, { pooling: 'cls', metric: 'dot' }],
  [/-dot-/, { metric: 'dot' }],
];

/** The family of a repository or folder, by the last part of its name. */
export function familyOf(repository: string): Family {
  const name = (repository.split(/[/\\]/).at(-1) ?? '').toLowerCase();
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1] ?? {};
}
