/** Turns of a thread that waits for a lock before it lets others have its core. */
const SPINS: u32 = 200;
const NAP_NANOSECONDS: i64 = 50_000;

/** Takes a u32 lock: 0 free, 1 taken. */
export function lock(at: usize): void {
  let turns: u32 = 0;
  while (atomic.cmpxchg<i32>(at, 0, 1) != 0) {
    // The holder may have been suspended: spinning on would only keep it from its core.
    if (++turns > SPINS) atomic.wait<i32>(at, 1, NAP_NANOSECONDS);
  }
}

export function unlock(at: usize): void {
  atomic.store<i32>(at, 0);
}
