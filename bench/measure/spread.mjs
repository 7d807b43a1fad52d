/** The value below which the share `at` (0 to 1) of `values` lies, interpolated; undefined without values. */
export function quantile(values, at) {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const place = at * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

export function median(values) {
  return quantile(values, 0.5);
}

/** A number to `digits` significant digits, for tables; '-' when there is none. */
export function shown(value, digits = 3) {
  return value === undefined || !Number.isFinite(value) ? '-' : Number(value.toPrecision(digits));
}

/** "smallest-largest", to `digits` significant digits. */
export function range(values, digits = 3) {
  if (values.length === 0) return '-';
  return `${shown(Math.min(...values), digits)}-${shown(Math.max(...values), digits)}`;
}
