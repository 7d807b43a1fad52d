import { simdKernel, type BitKernel } from '../distance/index.js';

/** What is shorter is done here: to copy it into the kernel's memory takes longer. */
const FEW_WORDS = 256;
/** Words that the kernel gets at a time, so that its memory is small. */
const SLICE_WORDS = 65_536;

const PAGE = 65_536;
const SLICE_BYTES = SLICE_WORDS * 4;

type Operation = Exclude<keyof BitKernel, 'countBits'>;

/** Room for two operands in a kernel's memory, behind the page that it keeps. */
class Operands {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly kernel: BitKernel;

  constructor() {
    const pages = 1 + (2 * SLICE_BYTES) / PAGE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.kernel = simdKernel(memory);
    this.first = new Uint32Array(memory.buffer, PAGE, SLICE_WORDS);
    this.second = new Uint32Array(memory.buffer, PAGE + SLICE_BYTES, SLICE_WORDS);
  }
}

let operands: Operands | undefined;

/** Keeps what is in the first `length` words of both in `into`. */
export function intersectWords(into: Uint32Array, other: Uint32Array, length: number): void {
  if (length > FEW_WORDS) return inKernel('intersectBits', into, other, length);
  for (let i = 0; i < length; i++) into[i] &= other[i];
}

/** Adds what is in the first `length` words of `other`. */
export function uniteWords(into: Uint32Array, other: Uint32Array, length: number): void {
  if (length > FEW_WORDS) return inKernel('uniteBits', into, other, length);
  for (let i = 0; i < length; i++) into[i] |= other[i];
}

/** Drops what is in the first `length` words of `other`. */
export function subtractWords(into: Uint32Array, other: Uint32Array, length: number): void {
  if (length > FEW_WORDS) return inKernel('subtractBits', into, other, length);
  for (let i = 0; i < length; i++) into[i] &= ~other[i];
}

/** How many bits are set. */
export function countWords(words: Uint32Array): number {
  let total = 0;
  if (words.length <= FEW_WORDS) {
    for (let i = 0; i < words.length; i++) total += populationCount(words[i]);
    return total;
  }
  const { kernel, first } = (operands ??= new Operands());
  for (let from = 0; from < words.length; from += SLICE_WORDS) {
    const part = words.subarray(from, from + SLICE_WORDS);
    total += kernel.countBits(first.byteOffset, place(part, first));
  }
  return total;
}

function inKernel(operation: Operation, into: Uint32Array, other: Uint32Array, length: number): void {
  const { kernel, first, second } = (operands ??= new Operands());
  for (let from = 0; from < length; from += SLICE_WORDS) {
    const end = Math.min(length, from + SLICE_WORDS);
    place(other.subarray(from, end), second);
    kernel[operation](first.byteOffset, second.byteOffset, place(into.subarray(from, end), first));
    into.set(first.subarray(0, end - from), from);
  }
}

/** Copies words, fills them up with zeros to a whole vector register, and returns the bytes that they then take. */
function place(words: Uint32Array, at: Uint32Array): number {
  at.set(words);
  const end = (words.length + 3) & ~3;
  at.fill(0, words.length, end);
  return end * 4;
}

/** Bits set in a 32-bit word (Warren, Hacker's Delight, 2nd ed., section 5-1, 2012). */
function populationCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
