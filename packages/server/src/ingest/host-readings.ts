import { readFileSync } from 'node:fs';
import { cpus, freemem, loadavg, totalmem } from 'node:os';

const SECTOR_BYTES = 512;
/** Whole disks; their partitions, and what is stacked on them, would count twice. */
const DISK = /^(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;
/** Interfaces whose traffic passes another one too, or never leaves the machine. */
const VIRTUAL_INTERFACE = /^(?:lo|ifb|veth|docker|br-|virbr|tun|tap|wg|bond|team|dummy)/;

interface Counters {
  readonly atMs: number;
  readonly cpuBusy: number;
  readonly cpuAll: number;
  readonly disk?: ByteCounts | undefined;
  readonly network?: ByteCounts | undefined;
}

/** Bytes since the machine started. */
export interface ByteCounts {
  readonly inBytes: number;
  readonly outBytes: number;
}

/** What the operating system tells of itself; what it does not tell is left out. */
export class HostReadings {
  #last = readCounters();

  /** Rates are since the call before. */
  read(): Record<string, number> {
    const last = this.#last;
    const now = readCounters();
    this.#last = now;
    const seconds = (now.atMs - last.atMs) / 1000;
    const readings: Record<string, number> = {};
    if (now.cpuAll > last.cpuAll) {
      readings.cpu = Math.round((100 * (now.cpuBusy - last.cpuBusy)) / (now.cpuAll - last.cpuAll));
    }
    const usedBytes = totalmem() - freemem();
    readings.memory_used_bytes = usedBytes;
    readings.memory_used_percent = Math.round((1000 * usedBytes) / totalmem()) / 10;
    // Windows has no load average; the system answers 0 there for good.
    if (process.platform !== 'win32') readings.load_1m = Math.round(loadavg()[0]! * 100) / 100;
    addRates(
      readings,
      ['disk_read_bytes_per_second', 'disk_write_bytes_per_second'],
      last.disk,
      now.disk,
      seconds,
    );
    addRates(
      readings,
      ['network_receive_bytes_per_second', 'network_transmit_bytes_per_second'],
      last.network,
      now.network,
      seconds,
    );
    return readings;
  }
}

function addRates(
  readings: Record<string, number>,
  [nameIn, nameOut]: readonly [string, string],
  last: ByteCounts | undefined,
  now: ByteCounts | undefined,
  seconds: number,
): void {
  if (last === undefined || now === undefined || !(seconds > 0)) return;
  // A counter runs backwards when a device was taken away: no rate can be told then.
  if (now.inBytes >= last.inBytes) readings[nameIn] = Math.round((now.inBytes - last.inBytes) / seconds);
  if (now.outBytes >= last.outBytes) readings[nameOut] = Math.round((now.outBytes - last.outBytes) / seconds);
}

function readCounters(): Counters {
  let cpuBusy = 0;
  let cpuAll = 0;
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    cpuBusy += busy;
    cpuAll += busy + times.idle;
  }
  return {
    atMs: performance.now(),
    cpuBusy,
    cpuAll,
    disk: readProc('/proc/diskstats', parseDiskstats),
    network: readProc('/proc/net/dev', parseNetDev),
  };
}

function readProc(path: string, parse: (text: string) => ByteCounts | undefined): ByteCounts | undefined {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** /proc/diskstats: major minor name, then reads, merged, sectors, ms, writes, merged, sectors, … */
export function parseDiskstats(text: string): ByteCounts | undefined {
  const disks = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => DISK.test(fields[2] ?? ''));
  if (disks.length === 0) return undefined;
  return {
    inBytes: disks.reduce((sum, fields) => sum + Number(fields[5]) * SECTOR_BYTES, 0),
    outBytes: disks.reduce((sum, fields) => sum + Number(fields[9]) * SECTOR_BYTES, 0),
  };
}

/** /proc/net/dev: `name:`, then received bytes, seven more, sent bytes, … */
export function parseNetDev(text: string): ByteCounts | undefined {
  const interfaces = text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':', 2) as [string, string])
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name.trim()))
    .map(([, counts]) => counts.trim().split(/\s+/).map(Number));
  if (interfaces.length === 0) return undefined;
  return {
    inBytes: interfaces.reduce((sum, counts) => sum + counts[0]!, 0),
    outBytes: interfaces.reduce((sum, counts) => sum + counts[8]!, 0),
  };
}
