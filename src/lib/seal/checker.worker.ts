import { readSignatures, type FromChecker, type ToChecker } from './checks.ts';
import { DeviceKeys } from './device-keys.ts';

const keys = new DeviceKeys();

async function answer({ buffer }: ToChecker): Promise<FromChecker> {
	const signatures = readSignatures(buffer);
	const right = await Promise.all(
		signatures.map(({ device, message, signature }) => keys.check(device, message, signature))
	);
	return Uint8Array.from(right, Number);
}

/** Each after the one before: they are answered in the order in which they came. */
let working: Promise<void> = Promise.resolve();

self.addEventListener('message', ({ data }: MessageEvent<ToChecker>) => {
	const answered = answer(data);
	working = working.then(async () => {
		const right = await answered;
		self.postMessage(right, { transfer: [right.buffer] });
	});
});
