// A thread that doubles numbers; 'throw' and 'exit' end it.
import { serveTasks } from '@nearfield/engine/internals/workers/commit-worker';

serveTasks((data) => ({
  run(task) {
    if (task === 'throw') throw new Error('out of order');
    if (task === 'exit') process.exit(3);
    const answer = task.map((value) => value * data.factor);
    return { answer, transfer: [answer.buffer] };
  },
  close: () => undefined,
}));
