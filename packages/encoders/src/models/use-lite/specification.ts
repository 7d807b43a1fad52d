/** Registered name of the encoder. */
export const NAME = 'text:use-lite';

/** Changes whenever preprocessing changes an embedding. */
export const VERSION = '1';

/** Length of an embedding. */
export const DIMENSIONS = 512;

/** Tokens that the model reads: its graph drops every later position (`ClipToMaxLength`). */
export const WINDOW = 128;

/**
 * UTF-16 units of a text that are tokenized. A token is at most 16 characters, so that the window needs at most 2 048;
 * only a run of unknown characters, which is one token, can reach further, and this allows for it.
 */
export const PREFIX = 8192;

/** Entries of the vocabulary that no text matches: unknown, control and user-defined symbols. */
export const RESERVED_SYMBOLS = 6;
