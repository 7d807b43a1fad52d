import type { FastifyInstance } from 'fastify';
import { wrongBody } from '../schemas/bodies.js';
import { COLLECTION_PARAMETERS, type CollectionParameters } from '../schemas/parameters.js';
import { answer } from '../wire/answer.js';
import { refuseOutsideModels } from '../wire/outside-models.js';
import { incomingSchema, outgoingSchema } from '../wire/schema-input.js';
import type { RouteContext } from './context.js';

type Named = { Params: CollectionParameters };

const ONE = '/v1/collections/:name';
const schema = { params: COLLECTION_PARAMETERS };

/** Create, list, describe and drop collections. */
export function collectionRoutes(app: FastifyInstance, { db, options }: RouteContext): void {
  const inTurn = turns();

  app.get('/v1/collections', async (_request, reply) => answer(reply, 200, { collections: await db.collections() }));

  app.put<Named>(ONE, { schema }, async ({ params: { name }, body }, reply) => {
    if (body === undefined || body === null) throw wrongBody('a schema', body);
    const given = incomingSchema(body);
    const { created, collection } = await inTurn(async () => {
      const exists = (await db.collections()).includes(name);
      // What a collection has already, its clients may name.
      const stored = exists ? (await db.collection(name)).schema : undefined;
      if (!options.allowModels) await refuseOutsideModels(given, stored);
      return { created: !exists, collection: await db.collection(name, given) };
    });
    return answer(reply, created ? 201 : 200, { name, created, schema: outgoingSchema(collection.schema) });
  });

  app.get<Named>(ONE, { schema }, async ({ params: { name } }, reply) => {
    const collection = await db.collection(name);
    return answer(reply, 200, { name, schema: outgoingSchema(collection.schema), stats: await collection.stats() });
  });

  app.delete<Named>(ONE, { schema }, async ({ params: { name } }, reply) => {
    await db.dropCollection(name);
    return answer(reply, 200, { name, dropped: true });
  });
}

/** Runs works one after the other: of two clients that put one new collection, only the first has created it. */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
