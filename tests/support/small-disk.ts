import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A disk of its own in memory, for what happens when one is full; undefined where this user may not mount. */
export function mountSmallDisk(at: string, megabytes: number): { unmount(): void } | undefined {
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', at], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { unmount: () => void execFileSync('umount', ['-l', at]) };
}
