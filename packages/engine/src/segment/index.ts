export { LiveSegment } from './live-segment.js';
export { MutableSegment } from './mutable-segment.js';
