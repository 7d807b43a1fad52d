/** A byte-pair tokenizer in CLIP's form: lower case, words ended by `</w>`, a token of start and one of end. */
export interface TinyTokenizer {
  /** tokenizer.json and tokenizer_config.json. */
  readonly files: Readonly<Record<string, string>>;
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly size: number;
  readonly padding: number;
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const MERGES = [
  ['r', 'e'],
  ['re', 'd</w>'],
  ['s', 'e'],
  ['se', 'a</w>'],
] as const;

/** @param special contents of the tokens of start, end and padding; the last may be one of the first two */
export function tinyTokenizer(
  special: readonly [start: string, end: string, padding: string],
  { lowercase = true, config = {} }: { lowercase?: boolean; config?: object } = {},
): TinyTokenizer {
  const merged = MERGES.map((pair) => pair.join(''));
  const entries = [...LETTERS, ...LETTERS.map((letter) => `${letter}</w>`), ...merged, '<unk>', ...new Set(special)];
  const vocabulary = new Map(entries.map((token, id) => [token, id]));
  const id = (token: string): number => vocabulary.get(token) ?? -1;
  const [start, end, padding] = special;
  const json = {
    version: '1.0',
    added_tokens: [...new Set(special)].map((content) => ({
      id: id(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: lowercase ? { type: 'Lowercase' } : null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [end, id(end)],
      cls: [start, id(start)],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'BPEDecoder', suffix: '</w>' },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      vocab: Object.fromEntries(vocabulary),
      merges: MERGES.map((pair) => pair.join(' ')),
    },
  };
  const files = {
    'tokenizer.json': JSON.stringify(json),
    'tokenizer_config.json': JSON.stringify({ pad_token: padding, unk_token: '<unk>', ...config }),
  };
  return { files, vocabulary, size: entries.length, padding: id(padding) };
}
