import type { Hit, SearchInfo } from '@nearfield/engine';

const WIDTH = Math.max(80, Math.min(process.stdout.columns ?? 100, 140));

export function heading(text: string): void {
  console.log(`\n${text}\n${'-'.repeat(Math.min(text.length, WIDTH))}`);
}

/** Score and rank by each leg: `meaning 0.71 (#1), words 4.20 (#3)`. */
export function legsText({ scores }: Hit): string {
  return Object.entries(scores)
    .map(([name, { score, rank }]) => `${name} ${score.toFixed(2)} (#${rank})`)
    .join(', ');
}

/** How many could have been hits, how exactly, how fast. */
export function infoText({ matches, exact, recall, strategy, tookMs }: SearchInfo): string {
  const exactness = exact ? 'exact' : `recall ${recall.toFixed(3)} expected`;
  return `${tookMs.toFixed(1)} ms, ${String(matches)} matching records, ${exactness} (${strategy})`;
}

/** Prints a line, cut to the width of the terminal. */
export function printLine(line: string): void {
  console.log(line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line);
}
