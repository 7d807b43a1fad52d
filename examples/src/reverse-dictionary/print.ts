import type { SearchResult } from '@nearfield/engine';

const WIDTH = Math.max(80, Math.min(process.stdout.columns ?? 100, 140));

export function heading(text: string): void {
  console.log(`\n${text}\n${'-'.repeat(Math.min(text.length, WIDTH))}`);
}

/** A line a hit: score, words, definition, and what each leg says of it. */
export function printHits({ hits, info }: SearchResult): void {
  for (const [i, { score, scores, record }] of hits.entries()) {
    const legs = Object.entries(scores)
      .map(([name, leg]) => `${name} ${leg.score.toFixed(2)} (#${leg.rank})`)
      .join(', ');
    const first = `${String(i + 1).padStart(2)}. ${score.toFixed(3)}  ${String(record.lemmas)}`;
    console.log(clip(`${first}  [${String(record.category)}]`));
    console.log(clip(`    ${String(record.gloss)}`));
    console.log(clip(`    ${legs}`));
  }
  const recall = info.exact ? 'exact' : `recall ${info.recall}`;
  console.log(
    `    ${info.tookMs.toFixed(1)} ms, ${String(info.matches)} matching records, ${recall} (${info.strategy})`,
  );
}

function clip(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}
