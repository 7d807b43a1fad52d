// Speaks the names in clips/spoken-names.json: what the demo stores (clips/stored) and, by another voice, what it asks
// with (clips/asked). The clips are committed; run this only to make them anew.
// Needs espeak-ng and opusenc (Debian: espeak-ng, opus-tools). Run: node examples/scripts/speak.mjs
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const clips = fileURLToPath(new URL('../clips/', import.meta.url));
const names = JSON.parse(readFileSync(`${clips}spoken-names.json`, 'utf8'));

/** Options of espeak-ng: voice, pitch (0 to 99), words a minute. */
const VOICES = {
  stored: ['-v', 'en-us+m3', '-p', '45', '-s', '150'],
  asked: ['-v', 'en-gb+f2', '-p', '60', '-s', '135'],
};

for (const [folder, voice] of Object.entries(VOICES)) {
  rmSync(clips + folder, { recursive: true, force: true });
  mkdirSync(clips + folder, { recursive: true });
  for (const [name, word] of Object.entries(names)) {
    const wave = execFileSync('espeak-ng', [...voice, '-z', '--stdout', word]);
    const opus = ['--quiet', '--bitrate', '24', '--serial', '1', '--discard-comments', '--discard-pictures'];
    execFileSync('opusenc', [...opus, '-', `${clips}${folder}/${name}.opus`], { input: wave });
  }
}
