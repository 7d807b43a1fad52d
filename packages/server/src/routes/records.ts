import type { AnyRecordInput, FacetOptions, FilterInput, RecordId } from '@nearfield/engine';
import { NearfieldError } from '@nearfield/engine';
import type { FastifyInstance } from 'fastify';
import { ServerError } from '../errors/server-error.js';
import { disconnectSignal } from '../plugins/disconnect-signal.js';
import { listBody, objectBody, wrongBody } from '../schemas/bodies.js';
import {
  COLLECTION_PARAMETERS,
  RECORD_PARAMETERS,
  RECORD_QUERY_STRING,
  UPSERT_QUERY_STRING,
  type CollectionParameters,
  type RecordParameters,
  type RecordQueryString,
  type UpsertQueryString,
} from '../schemas/parameters.js';
import { answer } from '../wire/answer.js';
import { incomingRecord } from '../wire/incoming-record.js';
import type { RouteContext } from './context.js';
import { upsertReadable } from './upsert-readable.js';

type Named = { Params: CollectionParameters };
type Upsert = Named & { Querystring: UpsertQueryString };
type One = { Params: RecordParameters; Querystring: RecordQueryString };

const ALL = '/v1/collections/:name/records';
const schema = { params: COLLECTION_PARAMETERS };

/**
 * Upsert, read, delete and count records, and count their values. A write is one transaction: all of a body or nothing,
 * unless an upsert is to skip what is wrong.
 */
export function recordRoutes(app: FastifyInstance, { db, options }: RouteContext): void {
  const upsertSchema = { ...schema, querystring: UPSERT_QUERY_STRING };
  app.post<Upsert>(ALL, { schema: upsertSchema }, async ({ params: { name }, query: { onError }, body }, reply) => {
    const collection = await db.collection(name);
    const given = listBody(body, 'records', 'the body');
    if (onError === 'skip') return answer(reply, 200, await upsertReadable(collection, given, options.allowLocalPaths));
    const records = given.map((record) => incomingRecord(record, collection.schema, options.allowLocalPaths));
    return answer(reply, 200, await collection.upsert(records as AnyRecordInput[]));
  });

  app.get<One>(
    `${ALL}/:id`,
    { schema: { params: RECORD_PARAMETERS, querystring: RECORD_QUERY_STRING } },
    async ({ params: { name, id }, query: { type, vectors } }, reply) => {
      const collection = await db.collection(name);
      const wanted = type === 'integer' ? integerId(id) : id;
      const record = await collection.get(wanted, { vectors: vectors === 'true' });
      if (record === undefined) throw notFound(wanted);
      return answer(reply, 200, record);
    },
  );

  app.delete<Named>(ALL, { schema }, async ({ params: { name }, body }, reply) => {
    const collection = await db.collection(name);
    const { ids, filter } = objectBody(body, ['ids', 'filter'], 'the body');
    if ((ids === undefined) === (filter === undefined)) throw wrongBody('either ids or filter', body);
    if (ids !== undefined && !Array.isArray(ids)) throw wrongBody('ids: an array', ids);
    const target = ids === undefined ? { filter: filter as FilterInput } : (ids as RecordId[]);
    return answer(reply, 200, await collection.delete(target));
  });

  app.post<Named>('/v1/collections/:name/count', { schema }, async ({ params: { name }, body }, reply) => {
    const collection = await db.collection(name);
    const { filter } = objectBody(body ?? {}, ['filter'], 'the body');
    const count = await collection.count(filter as FilterInput | undefined, { signal: disconnectSignal(reply) });
    return answer(reply, 200, { count });
  });

  app.post<Named>('/v1/collections/:name/facets', { schema }, async ({ params: { name }, body }, reply) => {
    const collection = await db.collection(name);
    const { field, ...options } = objectBody(body, ['field', 'filter', 'limit'], 'the body');
    const signal = disconnectSignal(reply);
    const facets = await collection.facets(field as string, { ...(options as FacetOptions), signal });
    return answer(reply, 200, { facets });
  });
}

function integerId(text: string): number {
  if (/^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new ServerError('INVALID_REQUEST', 'The id is not an integer, as ?type=integer says', {
    field: 'id',
    expected: 'decimal digits of a safe integer',
    received: text.slice(0, 60),
  });
}

function notFound(id: RecordId): NearfieldError {
  const remedy =
    typeof id === 'string' && /^\d+$/.test(id)
      ? 'An id in a path is a string; add ?type=integer for the number.'
      : 'Use the id of a stored record.';
  return new NearfieldError('RECORD_NOT_FOUND', `There is no record ${JSON.stringify(id)}`, { record: id, remedy });
}
