// Writes to a database that it leaves open.
import { open } from '@nearfield/engine';

const db = await open(process.argv[2]);
const rows = await db.collection('rows', { vectors: { v: { dimensions: 2 } } });
await rows.upsert({ id: 1, vectors: { v: Float32Array.of(1, 2) } });
// Nothing but this commit keeps the process alive.
rows.upsert({ id: 2 });
