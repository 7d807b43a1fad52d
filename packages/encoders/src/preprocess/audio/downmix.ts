/** Samples beyond this come from damaged files only: full scale is 1, and what decoders overshoot is little. */
const LARGEST = 16;

/** One channel, the mean of all. Samples that are not finite become 0, those beyond ±16 are cut off. */
export function downmix(channels: readonly Float32Array[]): Float32Array {
  const mono = new Float32Array(channels[0]?.length ?? 0);
  for (let at = 0; at < mono.length; at++) {
    let sum = 0;
    for (const channel of channels) sum += channel[at];
    const mean = sum / channels.length;
    mono[at] = Number.isFinite(mean) ? Math.max(-LARGEST, Math.min(LARGEST, mean)) : 0;
  }
  return mono;
}
