/** What judges samples as they come, without the rest of the engine: a server that starts loads a third as much. */
export * from './detector.js';
export { createMultiViewDetector } from './multi-view-detector.js';
