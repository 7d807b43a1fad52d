import type { TextSpan } from '@nearfield/engine/encoder';

/** A sentence, or a part of one, without the white space around it. */
export interface TextUnit {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
}

export interface UnitOptions {
  /** A sentence of more tokens is cut. */
  readonly window: number;
  /** Tokens of what it is cut into, at least 1. */
  readonly fragment: number;
  readonly countTokens: (text: string) => number;
}

// The rules hardly depend on the language, and a result must not depend on the machine's.
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });
const words = new Intl.Segmenter('en', { granularity: 'word' });
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** UTF-16 units that a segmenter is given at once. */
const SEGMENTED = 1024;

/**
 * The sentences of a text, in order; what does not fit in the window in parts, at the ends of clauses, or else as
 * fragments. White space alone is no unit.
 */
export function textUnits(text: string, options: UnitOptions): TextUnit[] {
  const units: TextUnit[] = [];
  for (const sentence of sentencesOf(text)) {
    const unit = toUnit(text, sentence, options);
    if (unit.tokens <= options.window) units.push(unit);
    else for (const part of partsOf(text, sentence, options)) units.push(part);
  }
  return units;
}

function* sentencesOf(text: string): Generator<TextSpan> {
  // A line that goes on in lower case is a sentence that was wrapped; UAX 29 would end it there.
  const unwrapped = text.replace(/(?<=\S)(?:\r\n|\n)(?=[ \t]*\p{Ll})/gu, (lineBreak) => ' '.repeat(lineBreak.length));
  for (const { start, end } of segmentsOf(sentences, unwrapped, 0, unwrapped.length)) {
    const sentence = trimmed(text, start, end);
    if (sentence.start < sentence.end) yield sentence;
  }
}

/** A long sentence in parts. In text without capitals UAX 29 takes a full stop for an abbreviation's, here it ends a part. */
function* partsOf(text: string, sentence: TextSpan, options: UnitOptions): Generator<TextUnit> {
  let { start } = sentence;
  for (const { 0: mark, index } of text
    .slice(sentence.start, sentence.end)
    .matchAll(/[.!?;:\u3002\uFF01\uFF1F\uFF1B]+\s/gu)) {
    const end = sentence.start + index + mark.length;
    yield* fittingParts(text, { start, end }, options);
    start = end;
  }
  if (start < sentence.end) yield* fittingParts(text, { start, end: sentence.end }, options);
}

function* fittingParts(text: string, range: TextSpan, options: UnitOptions): Generator<TextUnit> {
  const unit = toUnit(text, range, options);
  if (unit.tokens <= options.window) yield unit;
  else yield* fragmentsOf(text, unit, options);
}

/** A part in pieces of about `fragment` tokens, between words; a longer word between characters. */
function* fragmentsOf(text: string, part: TextSpan, options: UnitOptions): Generator<TextUnit> {
  const { fragment, countTokens } = options;
  let { start } = part;
  let end = start;
  let tokens = 0;
  for (const word of wordsOf(text, part, options)) {
    const inWord = countTokens(text.slice(word.start, word.end));
    if (end > start && tokens + inWord > fragment) {
      yield toUnit(text, { start, end }, options);
      start = word.start;
      tokens = 0;
    }
    tokens += inWord;
    end = word.end;
  }
  yield toUnit(text, { start, end }, options);
}

/** Words, each with the marks and spaces behind it; one of more tokens than a fragment in pieces. */
function* wordsOf(text: string, part: TextSpan, options: UnitOptions): Generator<TextSpan> {
  let { start } = part;
  for (const word of segmentsOf(words, text, part.start, part.end)) {
    if (word.isWordLike !== true || word.start === start) continue;
    yield* charactersOf(text, { start, end: word.start }, options);
    ({ start } = word);
  }
  yield* charactersOf(text, { start, end: part.end }, options);
}

/** A range as it is, or, when it has too many tokens, in pieces of whole characters. */
function* charactersOf(text: string, range: TextSpan, { fragment, countTokens }: UnitOptions): Generator<TextSpan> {
  const tokens = range.end - range.start <= fragment ? 0 : countTokens(text.slice(range.start, range.end));
  if (tokens <= fragment) {
    yield range;
    return;
  }
  const length = Math.max(1, Math.floor(((range.end - range.start) * fragment) / tokens));
  let start = range.start;
  for (const { end } of segmentsOf(characters, text, range.start, range.end)) {
    if (end - start < length || end === range.end) continue;
    yield { start, end };
    start = end;
  }
  yield { start, end: range.end };
}

/** Without white space at its ends. One without tokens counts as one token, so that a passage has not too many units. */
function toUnit(text: string, range: TextSpan, { countTokens }: UnitOptions): TextUnit {
  const { start, end } = trimmed(text, range.start, range.end);
  return { start, end, tokens: Math.max(1, countTokens(text.slice(start, end))) };
}

/** A part of a text without the white space at its ends. */
export function trimmed(text: string, start: number, end: number): TextSpan {
  const part = text.slice(start, end);
  const first = start + part.length - part.trimStart().length;
  return { start: first, end: Math.max(first, start + part.trimEnd().length) };
}

/**
 * The segments of a part of a text. Each step of an Intl.Segmenter takes time proportional to all of the text that it was
 * given (V8 11), so it is given little at a time, and more where that is a single segment.
 */
function* segmentsOf(
  segmenter: Intl.Segmenter,
  text: string,
  from: number,
  to: number,
): Generator<TextSpan & { readonly isWordLike: boolean | undefined }> {
  let length = SEGMENTED;
  for (let start = from; start < to; ) {
    const end = Math.min(to, start + length);
    const found = [...segmenter.segment(text.slice(start, end))];
    // The last one may go on behind what was looked at.
    const certain = end === to ? found : found.slice(0, -1);
    for (const { index, segment, isWordLike } of certain) {
      yield { start: start + index, end: start + index + segment.length, isWordLike };
    }
    if (end === to) return;
    length = certain.length === 0 ? length * 2 : SEGMENTED;
    start += found[found.length - 1].index;
  }
}
