import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs one of the scripts beside this file in a process of its own, which answers one message with one, and gives the
 * answer. The script can call `gc`.
 */
export function inFreshProcess(script, message) {
  return new Promise((resolve, reject) => {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = fork(path, { serialization: 'advanced', execArgv: ['--expose-gc'] });
    let answer;
    child.once('error', reject);
    child.once('message', (given) => (answer = given));
    child.once('exit', (code, signal) => {
      if (code === 0 && answer !== undefined) resolve(answer);
      else reject(new Error(`${script} ended with ${signal ?? code}`));
    });
    child.send(message);
  });
}
