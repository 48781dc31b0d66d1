import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from './statistics.ts';

/** Of Linux, on every architecture that Node runs on: `getconf CLK_TCK`. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that each process has used so far. */
export type CpuTimes = ReadonlyMap<string, number>;

/** What a process is called, and its ids: several workers are one line of a table. */
export type Processes = Readonly<Record<string, readonly number[]>>;

export async function readCpu(processes: Processes): Promise<CpuTimes> {
  const times = Object.entries(processes).map(async ([name, pids]) => {
    const seconds = await Promise.all(pids.map(async (pid) => cpuSeconds(await readFile(`/proc/${pid}/stat`, 'utf8'))));
    return [name, seconds.reduce((sum, value) => sum + value, 0)] as const;
  });
  return new Map(await Promise.all(times));
}

/** Of a line of /proc/{pid}/stat: time in user and in kernel mode. A process's name may contain spaces and brackets. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Milliseconds that each process used between two readings. */
export function cpuBetween(before: CpuTimes, after: CpuTimes): Record<string, number> {
  return Object.fromEntries([...after].map(([name, seconds]) => [name, (seconds - (before.get(name) ?? 0)) * 1000]));
}

const SAMPLES = 5;

/** MiB that the process holds in memory: the median over some seconds. */
export async function residentMiB(pid: number): Promise<number | null> {
  const samples: number[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    samples.push(residentIn(await readFile(`/proc/${pid}/status`, 'utf8')));
    await pause(1_000);
  }
  return median(samples);
}

const LOOK_EVERY_MS = 200;

/** Looks at what the process holds in memory until it is stopped. */
export function watchResident(pid: number): { readonly mostMiB: () => number; readonly stop: () => void } {
  let most = 0;
  const look = async (): Promise<void> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    most = Math.max(most, residentIn(status));
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return { mostMiB: () => most, stop: () => clearInterval(timer) };
}

export const residentIn = (status: string): number => Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
