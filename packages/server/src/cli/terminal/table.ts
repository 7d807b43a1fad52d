import { displayWidth, fitWidth } from './display-width.js';

export interface Column {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  /** The most columns of the terminal that it may take; the last column of a table takes what is left. */
  readonly width?: number;
}

const GAP = '  ';

/** Lines of cells under headings, no line wider than `width`. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const widths = columns.map(({ heading, width: most = Infinity }, i) =>
    Math.min(most, Math.max(displayWidth(heading), ...rows.map((row) => displayWidth(row[i])))),
  );
  const last = widths.length - 1;
  const others = widths.slice(0, last).reduce((sum, column) => sum + column + GAP.length, 0);
  widths[last] = Math.max(Math.min(widths[last], width - others), 1);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => padded(fitWidth(cell, widths[i]), widths[i], columns[i].align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [columns.map(({ heading }) => heading), ...rows].map(line);
}

function padded(cell: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(cell)));
  return align === 'left' ? cell + space : space + cell;
}
