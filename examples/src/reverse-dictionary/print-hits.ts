import type { SearchResult } from '@nearfield/engine';
import { infoText, legsText, printLine } from '../story/print.js';

/** A hit in three lines: score, words and category; the definition; what each leg says of it. */
export function printHits({ hits, info }: SearchResult): void {
  for (const [i, hit] of hits.entries()) {
    const { score, record } = hit;
    const first = `${String(i + 1).padStart(2)}. ${score.toFixed(3)}  ${String(record.lemmas)}`;
    printLine(`${first}  [${String(record.category)}]`);
    printLine(`    ${String(record.gloss)}`);
    printLine(`    ${legsText(hit)}`);
  }
  printLine(`    ${infoText(info)}`);
}
