const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of UTF-8 bytes without a byte order mark, or undefined when they are not UTF-8 or hold a NUL, which no text
 * does.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
