/** A piece of a SentencePiece unigram vocabulary and its log probability; null, as some files have it, counts as 0. */
export type VocabularyEntry = readonly [piece: string, score: number | null];

/** SentencePiece's visible space, U+2581. */
const SPACE = '\u2581';
const UNKNOWN = 0;

interface TrieNode {
  readonly children: Map<string, TrieNode>;
  id: number;
  score: number;
}

/**
 * SentencePiece unigram tokenizer: the segmentation of greatest total log probability, by Viterbi search over a trie
 * (Kudo 2018, "Subword Regularization"). Token for token the tokenizer of TensorFlow.js's Universal Sentence Encoder,
 * including where it departs from SentencePiece: NFKC only, each space kept, and 0 taken for "no path yet".
 */
export class UnigramTokenizer {
  readonly #root: TrieNode = newNode();
  readonly #lengths: Uint8Array;

  /**
   * @param reserved how many entries at the start are control symbols, which no text matches
   */
  constructor(vocabulary: readonly VocabularyEntry[], reserved: number) {
    this.#lengths = Uint8Array.from(vocabulary, ([piece]) => Array.from(piece).length);
    this.#lengths[UNKNOWN] = 1;
    for (let id = reserved; id < vocabulary.length; id++) {
      const [piece, score] = vocabulary[id] ?? ['', null];
      this.#insert(piece, score ?? 0, id);
    }
  }

  /** Ids of the tokens; runs of unknown characters are one id 0. An empty text has no tokens. */
  encode(text: string): number[] {
    const normalized = text.normalize('NFKC');
    if (normalized.length === 0) return [];
    const symbols = Array.from(SPACE + normalized.replaceAll(' ', SPACE));
    return this.#backtrack(this.#bestTokens(symbols));
  }

  #insert(piece: string, score: number, id: number): void {
    let node = this.#root;
    for (const symbol of piece) {
      let child = node.children.get(symbol);
      if (child === undefined) node.children.set(symbol, (child = newNode()));
      node = child;
    }
    node.id = id;
    node.score = score;
  }

  /** For each end position, the last token of the best segmentation up to it. */
  #bestTokens(symbols: readonly string[]): Int32Array {
    const best = new Float64Array(symbols.length + 1);
    const tokens = new Int32Array(symbols.length + 1);
    for (let start = 0; start < symbols.length; start++) {
      const before = best[start] ?? 0;
      let matched = false;
      let node = this.#root.children.get(symbols[start] ?? '');
      for (let end = start + 1; node !== undefined; end++) {
        if (node.id >= 0) {
          matched = true;
          keepBetter(best, tokens, end, before + node.score, node.id);
        }
        node = end < symbols.length ? node.children.get(symbols[end] ?? '') : undefined;
      }
      if (!matched) keepBetter(best, tokens, start + 1, before, UNKNOWN);
    }
    return tokens;
  }

  #backtrack(tokens: Int32Array): number[] {
    const ids: number[] = [];
    for (let end = tokens.length - 1; end > 0; ) {
      const id = tokens[end] ?? UNKNOWN;
      if (id !== UNKNOWN || ids.at(-1) !== UNKNOWN) ids.push(id);
      end -= this.#lengths[id] ?? 1;
    }
    return ids.reverse();
  }
}

function newNode(): TrieNode {
  return { children: new Map(), id: -1, score: 0 };
}

/** A best score of exactly 0 counts as unset, and the later start wins a tie: both as in the reference. */
function keepBetter(best: Float64Array, tokens: Int32Array, end: number, score: number, id: number): void {
  const current = best[end] ?? 0;
  if (current !== 0 && score < current) return;
  best[end] = score;
  tokens[end] = id;
}
