import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';

interface Answer {
  readonly value?: unknown;
  readonly code?: string;
}

/** A second process that opens the database; killed at the end of the test. */
export class OtherProcess {
  readonly #child: ChildProcess;

  constructor(t: Test) {
    // Without the loaders of the test runner, which cost half a second.
    this.#child = fork(new URL('./other-process.mjs', import.meta.url), {
      execArgv: [],
      env: { PATH: process.env.PATH },
    });
    t.teardown(() => this.kill());
  }

  /** The value of a call over there, or its error code as `{ code }`. */
  async call(call: string, ...args: unknown[]): Promise<unknown> {
    this.#child.send({ call, args });
    const [answer] = (await once(this.#child, 'message')) as [Answer];
    return answer.code === undefined ? answer.value : { code: answer.code };
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
