import { mediaWorker } from '../hf-media/media-worker.js';
import type { OpenTowers } from '../hf-media/open-tower.js';
import type { TowerData } from '../hf-media/tower-data.js';
import { inRows, unitVector } from '../hf-media/unit-vector.js';
import type { ImageProcessing } from './image-processing.js';
import { finishImage, pixelValues, type ReadImage } from './read-pixels.js';

/** Decoded images for the image side of a model. */
export interface ImageTask {
  readonly kind: 'images';
  readonly images: readonly ReadImage[];
  readonly processing: ImageProcessing;
  readonly tower: TowerData;
}

/** Entry of the worker thread. */
export default mediaWorker(embedImages);

async function embedImages({ images, processing, tower }: ImageTask, towers: OpenTowers): Promise<Float32Array> {
  const open = await towers.open(tower);
  const finished = images.map((image) => finishImage(image, processing));
  const embeddings = await open.run({ pixel_values: pixelValues(finished, processing) }, images.length);
  return inRows(embeddings.map((embedding) => unitVector(embedding, tower.dimensions)));
}
