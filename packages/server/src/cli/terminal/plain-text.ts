// A record's text must not steer the terminal: every control and format character, line breaks among them, is a space.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Any value in one line that is safe to print. */
export function plainText(value: unknown): string {
  const text =
    typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : (JSON.stringify(value) ?? '');
  return text.replace(UNSAFE, ' ').trim();
}
