export interface WavOptions {
  readonly rate: number;
  /** 1 whole numbers, 3 floats, 6 A-law, 7 µ-law. */
  readonly format?: number;
  readonly bits?: number;
  /** Writes the format as WAVE_FORMAT_EXTENSIBLE. */
  readonly extensible?: boolean;
}

/** The header of a WAV file with so many bytes of samples (Multimedia Programming Interface 1.0, IBM and Microsoft, 1991). */
export function wavHeader(
  dataBytes: number,
  channels: number,
  { rate, format = 1, bits = 16, extensible }: WavOptions,
): Buffer {
  const formatBytes = extensible ? 40 : 16;
  const header = Buffer.alloc(28 + formatBytes);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(20 + formatBytes + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(formatBytes, 16);
  header.writeUInt16LE(extensible ? 0xfffe : format, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE((rate * channels * bits) / 8, 28);
  header.writeUInt16LE((channels * bits) / 8, 32);
  header.writeUInt16LE(bits, 34);
  if (extensible) {
    header.writeUInt16LE(22, 36);
    header.writeUInt16LE(bits, 38);
    header.writeUInt16LE(format, 44);
    header.write('000000001000800000aa00389b71', 46, 'hex');
  }
  header.write('data', 20 + formatBytes, 'latin1');
  header.writeUInt32LE(dataBytes, 24 + formatBytes);
  return header;
}

/** A WAV file of channels of one length, full scale ±1. */
export function wavFile(channels: readonly ArrayLike<number>[], options: WavOptions): Buffer {
  const { format = 1, bits = 16 } = options;
  const frames = channels[0].length;
  const bytes = bits / 8;
  const data = Buffer.alloc(frames * channels.length * bytes);
  for (let frame = 0; frame < frames; frame++) {
    for (const [channel, samples] of channels.entries()) {
      writeSample(data, (frame * channels.length + channel) * bytes, samples[frame], format, bits);
    }
  }
  return Buffer.concat([wavHeader(data.length, channels.length, options), data]);
}

function writeSample(data: Buffer, at: number, value: number, format: number, bits: number): void {
  if (format === 3) {
    if (bits === 64) data.writeDoubleLE(value, at);
    else data.writeFloatLE(value, at);
    return;
  }
  const largest = 2 ** (bits - 1) - 1;
  const whole = Math.round(value * largest);
  if (format === 6) data[at] = aLaw(value);
  else if (format === 7) data[at] = muLaw(value);
  else if (bits === 8) data[at] = whole + 128;
  else data.writeIntLE(whole, at, bits / 8);
}

/** G.711 A-law: sign, exponent and four bits of 13, every second bit inverted. */
function aLaw(value: number): number {
  const magnitude = Math.min(4095, Math.floor(Math.abs(value) * 4096));
  const exponent = Math.max(0, Math.floor(Math.log2(Math.max(1, magnitude))) - 4);
  const segment = magnitude < 64 ? (magnitude < 32 ? 0 : 1) : exponent;
  const mantissa = (magnitude >> Math.max(1, segment)) & 15;
  return ((value >= 0 ? 0x80 : 0) | (segment << 4) | mantissa) ^ 0x55;
}

/** G.711 µ-law: sign, exponent and four bits of 14 with a bias of 33, all inverted. */
function muLaw(value: number): number {
  const biased = Math.min(8191, Math.floor(Math.abs(value) * 8192) + 33);
  const segment = Math.floor(Math.log2(biased)) - 5;
  const mantissa = (biased >> (segment + 1)) & 15;
  return ~((value < 0 ? 0x80 : 0) | (segment << 4) | mantissa) & 0xff;
}
