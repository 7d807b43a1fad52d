/** An image or a sound: a path, a `file:` URL, or the encoded bytes of a file. */
export type MediaSource = string | URL | Uint8Array;
