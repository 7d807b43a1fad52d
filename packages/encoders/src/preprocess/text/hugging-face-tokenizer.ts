import { Tokenizer } from '@huggingface/tokenizers';

/** A text of so many UTF-16 units a token surely fills the window; what does not is read further. */
const UNITS_PER_TOKEN = 8;
/** Tokens at the cut end of a text that may be others in the whole text: a word has at most so many. */
const SLACK = 128;

/**
 * The tokenizer of a model in the layout of Hugging Face (`tokenizer.json`, `tokenizer_config.json`), with special tokens
 * and cut to a window.
 */
export class HuggingFaceTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #before: readonly number[];
  readonly #after: readonly number[];
  /** The token that fills up rows of a batch. */
  readonly padding: number;

  /** @param window tokens of a sequence at most, special tokens included */
  constructor(
    tokenizer: object,
    config: Readonly<Record<string, unknown>>,
    private readonly window: number,
  ) {
    this.#tokenizer = new Tokenizer(tokenizer, config);
    const bare = this.#ids('a');
    const whole: readonly number[] = this.#tokenizer.encode('a').ids;
    const at = whole.findIndex((_, start) => bare.every((id, offset) => whole[start + offset] === id));
    this.#before = whole.slice(0, Math.max(at, 0));
    this.#after = at < 0 ? [] : whole.slice(at + bare.length);
    this.padding = this.#idOf(config.pad_token) ?? 0;
  }

  /** Tokens that a text itself may have. */
  get room(): number {
    return this.window - this.#before.length - this.#after.length;
  }

  /** The ids of a text with special tokens, at most `window`; never empty. */
  encode(text: string): number[] {
    const ids = [...this.#before, ...this.#bareIds(text).slice(0, this.room), ...this.#after];
    return ids.length > 0 ? ids : [this.padding];
  }

  /** The number of tokens of a text, special tokens aside. */
  count(text: string): number {
    return this.#ids(text).length;
  }

  /** Tokens that a prompt takes at the front of a sequence, special tokens before it included. */
  promptLength(prompt: string): number {
    return prompt === '' ? 0 : this.#before.length + this.count(prompt);
  }

  /** The tokens of as much of the text as fills the window: a book costs no more than its first pages. */
  #bareIds(text: string): readonly number[] {
    const enough = this.room + SLACK;
    for (let length = enough * UNITS_PER_TOKEN; ; length *= 2) {
      const ids = this.#ids(text.slice(0, length));
      if (length >= text.length || ids.length >= enough) return ids;
    }
  }

  #ids(text: string): readonly number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  #idOf(token: unknown): number | undefined {
    const content = typeof token === 'object' && token !== null && 'content' in token ? token.content : token;
    return typeof content === 'string' ? this.#tokenizer.token_to_id(content) : undefined;
  }
}
