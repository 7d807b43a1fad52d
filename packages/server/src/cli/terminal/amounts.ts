const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** A count with its thousands set apart by spaces. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function recordsText(count: number): string {
  return `${countText(count)} ${count === 1 ? 'record' : 'records'}`;
}

/** A size in the decimal unit that reads best: 1 MB is 10^6 bytes. */
export function sizeText(bytes: number): string {
  const unit = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${unit === 0 ? bytes : (bytes / 1000 ** unit).toFixed(1)} ${UNITS[unit]}`;
}

export function millisecondsText(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds.toFixed(1)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
