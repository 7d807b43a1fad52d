import { throwIfAborted, type TextSpan } from '@nearfield/engine/encoder';
import { textUnits, trimmed, type TextUnit } from './text-units.js';

export interface PassageOptions {
  /** Tokens that a passage may have: what the model reads, less its special tokens. At least 1. */
  readonly window: number;
  /** The tokens of a text, special tokens aside. Its time must be proportional to the length of the text. */
  readonly countTokens: (text: string) => number;
  /** The share of the window that neighbours have in common, 0 to .5. Default .15, or one sentence of twice that. */
  readonly overlap?: number;
}

const OVERLAP = 0.15;

/** UTF-16 units that are cut in one step: some milliseconds, as long as the window is not much longer. */
const PIECE = 16 * 1024;
/** A piece of fewer passages is too short to show where they end. */
const FEW_PASSAGES = 4;

/**
 * Cuts a text into passages of at most `window` tokens that overlap, at the ends of sentences (UAX 29); within a sentence
 * that is longer than the window between words, and within such a word between characters. Passages are as long as the
 * window allows; the last one begins early enough to be so, too. Spans are ascending, begin and end without white space,
 * and leave out nothing else. A text that fits is one passage.
 *
 * Takes time proportional to the length of the text and does not pause: see `passagesInSteps` for long ones.
 */
export function passages(text: string, options: PassageOptions): TextSpan[] {
  const { window, countTokens, overlap = OVERLAP } = options;
  const whole = trimmed(text, 0, text.length);
  if (whole.start === whole.end || countTokens(text) <= window) return [whole];
  const units = textUnits(text, { window, fragment: Math.max(1, Math.floor(window * overlap)), countTokens });
  // Tokens of neighbours may depend on each other: the sum of their numbers is an estimate.
  const fits = (first: number, end: number): boolean =>
    end - first === 1 || countTokens(text.slice(units[first].start, units[end - 1].end)) <= window;
  const spans: TextSpan[] = [];
  for (let first = 0, covered = 0; covered < units.length; ) {
    let end = lastThatFits(units, first, window);
    while (!fits(first, end)) end--;
    if (end <= covered) {
      // The overlap leaves no room for anything new.
      first = covered;
      continue;
    }
    if (end === units.length) first = firstThatFits(units, first, window, fits);
    spans.push({ start: units[first].start, end: units[end - 1].end });
    covered = end;
    first = Math.max(first + 1, overlapFrom(units, end, window, overlap));
  }
  return spans;
}

/**
 * Cuts a text of any length in steps: `cut` gets some thousand UTF-16 units at a time, here or in another thread, and
 * answers with the passages of that piece. Throws ABORTED.
 */
export async function passagesInSteps(
  text: string,
  cut: (piece: string) => TextSpan[] | Promise<TextSpan[]>,
  signal?: AbortSignal,
): Promise<TextSpan[]> {
  const spans: TextSpan[] = [];
  let start = 0;
  for (let length = PIECE; ; ) {
    throwIfAborted(signal);
    const end = pieceEnd(text, start + length);
    const found = (await cut(text.slice(start, end))).map((span) => ({
      start: start + span.start,
      end: start + span.end,
    }));
    if (end === text.length) return [...spans, ...found];
    if (found.length < FEW_PASSAGES) {
      length *= 2;
      continue;
    }
    // The last one ends where the piece does: it is cut anew with what follows.
    start = found[found.length - 1].start;
    for (const span of found.slice(0, -1)) spans.push(span);
  }
}

/** A place at or just before `at` where no character is split; at most the end of the text. */
function pieceEnd(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const next = text.charCodeAt(at);
  return next >= 0xdc00 && next <= 0xdfff ? at - 1 : at;
}

/** The end of the longest run of units from `first` on whose tokens fit in sum; at least one unit. */
function lastThatFits(units: readonly TextUnit[], first: number, window: number): number {
  let end = first + 1;
  let { tokens } = units[first];
  while (end < units.length && tokens + units[end].tokens <= window) tokens += units[end++].tokens;
  return end;
}

/** The first unit of the longest run up to the last unit that fits: at most `first`, from which it does. */
function firstThatFits(
  units: readonly TextUnit[],
  first: number,
  window: number,
  fits: (first: number, end: number) => boolean,
): number {
  let tokens = 0;
  for (let i = first; i < units.length; i++) tokens += units[i].tokens;
  let earliest = first;
  while (earliest > 0 && tokens + units[earliest - 1].tokens <= window) tokens += units[--earliest].tokens;
  while (earliest < first && !fits(earliest, units.length)) earliest++;
  return earliest;
}

/**
 * Where the passage behind one that ends before unit `end` begins: with units of the share `overlap` of the window, or
 * with one that has up to twice as many tokens, and so that unit `end` has room.
 */
function overlapFrom(units: readonly TextUnit[], end: number, window: number, overlap: number): number {
  if (end === units.length) return end;
  const room = window - units[end].tokens;
  let first = end;
  let tokens = 0;
  for (;;) {
    const most = Math.min(room, window * (first === end ? 2 * overlap : overlap));
    if (first === 0 || tokens + units[first - 1].tokens > most) return first;
    tokens += units[--first].tokens;
  }
}
