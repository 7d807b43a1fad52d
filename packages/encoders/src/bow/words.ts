import { ownCopy } from './own-copy.js';

/**
 * The word-like segments of ASCII text by the rules of Unicode's word boundaries (UAX 29, WB5 to WB13b): letters,
 * digits and underscores; `:`, `.` and `'` between two letters; `.`, `,`, `;` and `'` between two digits.
 */
const ASCII_WORD = /[A-Za-z0-9_]+(?:(?:(?<=[A-Za-z])[:.'](?=[A-Za-z])|(?<=[0-9])[.,;'](?=[0-9]))[A-Za-z0-9_]+)*/g;
/** Runs without ASCII white space: no word reaches over white space, so that each can be segmented alone. */
const RUN = /[^ \t\n\r]+/g;
const NOT_ASCII = /\P{ASCII}/u;
const ONLY_UNDERSCORES = /^_+$/;

/** Runs whose words are remembered; a full memory is emptied. Longer runs are seldom met again. */
const MEMORY = 50_000;
const LONGEST_REMEMBERED = 32;

/**
 * Finds the words of texts: what `Intl.Segmenter` calls word-like, without bare underscores, of which it takes two for
 * a word.
 */
export class WordBreaker {
  readonly #segmenter: Intl.Segmenter;
  readonly #remembered = new Map<string, readonly string[]>();

  /** @param code ISO 639-1, or another BCP 47 language tag */
  constructor(code: string) {
    this.#segmenter = new Intl.Segmenter(code, { granularity: 'word' });
  }

  /**
   * Yields the words in order, as they are written. Plain ASCII, where the segmenter is an order of magnitude slower
   * than a regular expression, goes the short way to the same words; what the segmenter found in a short run is
   * remembered.
   */
  *words(text: string): Generator<string> {
    if (!NOT_ASCII.test(text)) {
      yield* asciiWords(text);
      return;
    }
    for (const [run] of text.matchAll(RUN)) {
      if (!NOT_ASCII.test(run)) yield* asciiWords(run);
      else if (run.length > LONGEST_REMEMBERED) yield* this.#segment(run);
      else yield* this.#remember(run);
    }
  }

  #remember(run: string): readonly string[] {
    let found = this.#remembered.get(run);
    if (found === undefined) {
      if (this.#remembered.size >= MEMORY) this.#remembered.clear();
      const own = ownCopy(run);
      this.#remembered.set(own, (found = [...this.#segment(own)]));
    }
    return found;
  }

  *#segment(run: string): Generator<string> {
    for (const { segment, isWordLike } of this.#segmenter.segment(run)) {
      if (isWordLike && !ONLY_UNDERSCORES.test(segment)) yield segment;
    }
  }
}

function* asciiWords(text: string): Generator<string> {
  for (const [word] of text.matchAll(ASCII_WORD)) {
    if (!word.startsWith('_') || !ONLY_UNDERSCORES.test(word)) yield word;
  }
}
