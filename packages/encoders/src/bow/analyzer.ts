import { ownCopy } from './own-copy.js';
import { WordBreaker } from './words.js';

/** Longest term, in UTF-16 units; the rest of a longer word (a hash, a sequence) is cut off. */
export const LONGEST_TERM = 64;
/** Remembered stems; a full memory is emptied. */
const MEMORY = 100_000;
const RIGHT_QUOTE = /\u2019/g;

export interface AnalyzerRules {
  /** ISO 639-1 code of the word breaker. */
  readonly code: string;
  readonly stopWords: readonly string[];
  readonly stem: (word: string) => string;
}

/** Turns text into terms: NFKC and lower case, words, stop words out, stems. */
export class Analyzer {
  readonly #breaker: WordBreaker;
  readonly #stopWords: ReadonlySet<string>;
  readonly #stem: (word: string) => string;
  readonly #terms = new Map<string, string>();

  constructor({ code, stopWords, stem }: AnalyzerRules) {
    this.#breaker = new WordBreaker(code);
    this.#stopWords = new Set(stopWords);
    this.#stem = stem;
  }

  /** Adds the terms of a text to the counts. */
  count(text: string, counts: Map<string, number>): void {
    for (const word of this.#breaker.words(text.normalize('NFKC').toLowerCase())) {
      const term = this.#terms.get(word) ?? this.#remember(ownCopy(cut(word)));
      if (term !== '') counts.set(term, (counts.get(term) ?? 0) + 1);
    }
  }

  /** The term of a word, or an empty one for a stop word. */
  #remember(word: string): string {
    const plain = word.replace(RIGHT_QUOTE, "'");
    const term = this.#stopWords.has(plain) ? '' : this.#stem(plain);
    if (this.#terms.size >= MEMORY) this.#terms.clear();
    this.#terms.set(word, term);
    return term;
  }
}

/** At most LONGEST_TERM units, and no half of a surrogate pair at the end. */
function cut(word: string): string {
  if (word.length <= LONGEST_TERM) return word;
  const start = word.slice(0, LONGEST_TERM);
  return start.isWellFormed() ? start : start.slice(0, -1);
}
