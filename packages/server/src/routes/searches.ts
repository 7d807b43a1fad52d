import type { FastifyInstance } from 'fastify';
import { disconnectSignal } from '../plugins/disconnect-signal.js';
import { listBody } from '../schemas/bodies.js';
import { COLLECTION_PARAMETERS, type CollectionParameters } from '../schemas/parameters.js';
import { answer } from '../wire/answer.js';
import { incomingQuery } from '../wire/incoming-query.js';
import type { RouteContext } from './context.js';

type Named = { Params: CollectionParameters };

const ONE = '/v1/collections/:name';
const schema = { params: COLLECTION_PARAMETERS };

/** Search, many searches at once, the plan of a search, and what it came to. A client that goes away aborts what it asked for. */
export function searchRoutes(app: FastifyInstance, { db, options }: RouteContext): void {
  const queryOf = (body: unknown) => incomingQuery(body, options.allowLocalPaths);

  app.post<Named>(`${ONE}/search`, { schema }, async ({ params: { name }, body }, reply) => {
    const signal = disconnectSignal(reply);
    const collection = await db.collection(name);
    return answer(reply, 200, await collection.search(queryOf(body), { signal }));
  });

  app.post<Named>(`${ONE}/search/batch`, { schema }, async ({ params: { name }, body }, reply) => {
    const signal = disconnectSignal(reply);
    const collection = await db.collection(name);
    const queries = listBody(body, 'queries', 'the body').map(queryOf);
    return answer(reply, 200, { results: await collection.searchBatch(queries, { signal }) });
  });

  app.post<Named>(`${ONE}/explain`, { schema }, async ({ params: { name }, body }, reply) => {
    const signal = disconnectSignal(reply);
    const collection = await db.collection(name);
    return answer(reply, 200, await collection.explain(queryOf(body), { signal }));
  });

  app.post<Named>(`${ONE}/analyze`, { schema }, async ({ params: { name }, body }, reply) => {
    const signal = disconnectSignal(reply);
    const collection = await db.collection(name);
    return answer(reply, 200, await collection.analyze(queryOf(body), { signal }));
  });
}
