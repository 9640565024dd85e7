import { readFileSync } from 'node:fs';

/** Ticks of a processor's clock in a second, as /proc counts them on every Linux. */
const TICKS = 100;

/** Seconds of processor time that a process has used, with all its threads. */
export function cpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	// the name, in brackets, may hold spaces
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The memory that a process holds, in bytes. */
export function residentBytes(pid: number): number {
	const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
	return Number(kibibytes) * 1_024;
}
