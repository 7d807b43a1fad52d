const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];

/** Ids of a vocabulary of word pieces that begins with BERT's special tokens. */
export function vocabularyOf(pieces: readonly string[]): Record<string, number> {
  return Object.fromEntries([...SPECIAL, ...pieces].map((piece, id) => [piece, id]));
}

/** The `tokenizer.json` of a BERT model in lower case: word pieces between [CLS] and [SEP]. */
export function bertTokenizer(vocabulary: Readonly<Record<string, number>>): object {
  const special = (token: string): object => ({ SpecialToken: { id: token, type_id: 0 } });
  const known = (token: string): object => ({ id: token, ids: [vocabulary[token]], tokens: [token] });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => {
      return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    }),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
      pair: [],
      special_tokens: { '[CLS]': known('[CLS]'), '[SEP]': known('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: vocabulary,
    },
  };
}
