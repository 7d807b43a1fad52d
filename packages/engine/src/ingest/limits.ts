/** The longest id, in UTF-16 code units. */
export const MAX_ID_LENGTH = 512;

/** The longest text or keyword of a field, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 16 * 1024 * 1024;

/** The largest image or sound given as bytes. */
export const MAX_MEDIA_BYTES = 256 * 1024 * 1024;

/** The most vectors of one record in one space, and the most numbers in all of them. */
export const MAX_PARTS = 4096;
export const MAX_PART_NUMBERS = 16 * 1024 * 1024;

/** How deep a JSON value may nest. */
export const MAX_JSON_DEPTH = 64;

/** A stream commits a batch of so many records, or as soon as its texts, bytes and vectors reach the second figure. */
export const STREAM_BATCH_RECORDS = 256;
export const STREAM_BATCH_BYTES = 4 * 1024 * 1024;
