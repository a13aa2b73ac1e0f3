import type { StreamingDetector } from './streaming/detector.js';
import { createRobustDetector } from './streaming/robust-detector.js';

export * from './streaming/detector.js';
export { createRobustDetector, type RobustDetectorOptions } from './streaming/robust-detector.js';

/** Every streaming detector there is; the battery of checks runs over this list. */
export const DETECTORS: readonly ((options?: { timeZone?: string }) => StreamingDetector)[] = [
  createRobustDetector,
];
