import { createRequire } from 'node:module';
import { ENGLISH_FUNCTION_WORDS } from './english-function-words.js';

interface Stemmer {
  stem(word: string): string;
}

const require = createRequire(import.meta.url);
const snowball = require('snowball-stemmers') as { newStemmer(language: string): Stemmer };
const stopWordLists = require('stopwords-iso') as Readonly<Record<string, readonly string[]>>;

/** Languages that have both a Snowball stemmer and a stop-word list, with their ISO 639-1 codes. */
const LANGUAGE_CODES = {
  arabic: 'ar',
  armenian: 'hy',
  basque: 'eu',
  catalan: 'ca',
  czech: 'cs',
  danish: 'da',
  dutch: 'nl',
  english: 'en',
  finnish: 'fi',
  french: 'fr',
  german: 'de',
  hungarian: 'hu',
  irish: 'ga',
  italian: 'it',
  norwegian: 'no',
  portuguese: 'pt',
  romanian: 'ro',
  russian: 'ru',
  slovene: 'sl',
  spanish: 'es',
  swedish: 'sv',
  turkish: 'tr',
} as const;

export type Language = keyof typeof LANGUAGE_CODES;

export const LANGUAGES = Object.keys(LANGUAGE_CODES) as readonly Language[];

/** ISO 639-1, for segmenting words. */
export function languageCode(language: Language): string {
  return LANGUAGE_CODES[language];
}

/**
 * Words too common to tell documents apart, in lower case. The published English list holds words that people search
 * for ("computer", "system", "fire", "room"), so that English has its own, of function words.
 */
export function defaultStopWords(language: Language): readonly string[] {
  return language === 'english' ? ENGLISH_FUNCTION_WORDS : (stopWordLists[LANGUAGE_CODES[language]] ?? []);
}

/** The Snowball algorithm of a language: a word in lower case to its stem. */
export function snowballStemmer(language: Language): (word: string) => string {
  const stemmer = snowball.newStemmer(language);
  return (word) => stemmer.stem(word);
}
