import { extname } from 'node:path';

/** What a media file holds. */
export type MediaKind = 'image' | 'audio';

/** Extensions of the formats that the encoders read. */
const KINDS: Readonly<Record<MediaKind, readonly string[]>> = {
  image: ['.jpg', '.jpeg', '.jfif', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff', '.svg'],
  audio: ['.wav', '.wave', '.mp3', '.ogg', '.oga', '.opus', '.flac'],
};

/** What a file holds by its name, or undefined when it is neither an image nor a sound. */
export function mediaKind(path: string): MediaKind | undefined {
  const extension = extname(path).toLowerCase();
  if (KINDS.image.includes(extension)) return 'image';
  return KINDS.audio.includes(extension) ? 'audio' : undefined;
}
