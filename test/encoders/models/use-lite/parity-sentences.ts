const WORDS = (
  'star river engine quietly green seven the of walks under theory bread cold music yesterday invoice because ' +
  'London carefully 42 unbelievable antidisestablishmentarianism'
).split(' ');
const CHINESE = [...'天文学家研究星星和宇宙的人喜欢安静的夜晚'];
const JAPANESE = [...'夜空の星を見上げる人がいるカタカナひらがな'];
const EMOJI = ['🙂', '🚀', '👩‍🚀', '🇨🇭', '❤️', '👍🏽'];
const ODD = ['', ' ', '\n', '\ud800', '▁', ':30', 'http://a.b/c', 'ﬁｕｌｌ', 'e\u0301', '\u200d', 'NULL', '!?'];

/**
 * 200 sentences, the same each time: English, CJK, emoji, mixtures, odd ones, empty ones and some of 2 000 characters.
 */
export function paritySentences(): string[] {
  const random = generator(20241);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const some = <T>(from: readonly T[], most: number, glue: string): string => {
    return Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(from)).join(glue);
  };
  const kinds = [
    () => `${some(WORDS, 3, ' ')}.`,
    () => some(WORDS, 2, ' '),
    () => some(CHINESE, 12, ''),
    () => some(JAPANESE, 12, ''),
    () => some(EMOJI, 4, ''),
    () => [pick(WORDS), pick(EMOJI), some(CHINESE, 3, '')].join(' '),
  ];
  const sentences = [...ODD];
  while (sentences.length < 197) sentences.push(pick(kinds)());
  for (const source of [WORDS, CHINESE, [...WORDS, ...EMOJI, ...JAPANESE]]) {
    sentences.push(
      Array.from({ length: 1000 }, () => pick(source))
        .join(' ')
        .slice(0, 2000),
    );
  }
  return sentences;
}

/** Numbers in [0, 1) by mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
