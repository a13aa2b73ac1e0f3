export * from './streaming/detector.js';
