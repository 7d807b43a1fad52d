/** JSON Schemas (draft 7) of path parameters and query strings. */

export const COLLECTION_PARAMETERS = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' } },
} as const;

export const RECORD_PARAMETERS = {
  type: 'object',
  required: ['name', 'id'],
  properties: { name: { type: 'string' }, id: { type: 'string' } },
} as const;

/** `type` tells the record 1 from the record '1': a path knows only strings. */
export const RECORD_QUERY_STRING = {
  type: 'object',
  additionalProperties: false,
  properties: {
    type: { type: 'string', enum: ['string', 'integer'] },
    vectors: { type: 'string', enum: ['true', 'false'] },
  },
} as const;

/** What an upsert does with records that it cannot check, read or encode. */
export const UPSERT_QUERY_STRING = {
  type: 'object',
  additionalProperties: false,
  properties: { onError: { type: 'string', enum: ['stop', 'skip'] } },
} as const;

export interface UpsertQueryString {
  readonly onError?: 'stop' | 'skip';
}

export interface CollectionParameters {
  readonly name: string;
}

export interface RecordParameters extends CollectionParameters {
  readonly id: string;
}

export interface RecordQueryString {
  readonly type?: 'string' | 'integer';
  readonly vectors?: 'true' | 'false';
}
