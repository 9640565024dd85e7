/** How much room there is, as far as the browser tells. */
import { DeliveryError } from './errors.ts';

type Estimating = Pick<StorageManager, 'estimate'> | undefined;

/**
 * Room is checked before the first byte: nothing is worse than a disk that is full at 95 %.
 * @throws DeliveryError quota
 */
export async function checkRoom(storage: Estimating, needed: number): Promise<void> {
	const free = await freeRoom(storage);
	if (free !== undefined && needed > free) throw new DeliveryError({ kind: 'quota', needed, free });
}

/** A write that the browser refused says nothing of how much room there is: this adds it. */
export async function withNumbers(error: unknown, storage: Estimating): Promise<unknown> {
	if (!(error instanceof DeliveryError) || error.failure.kind !== 'quota') return error;
	return new DeliveryError({ ...error.failure, free: await freeRoom(storage) }, { cause: error });
}

async function freeRoom(storage: Estimating): Promise<number | undefined> {
	const { quota, usage } = (await storage?.estimate()) ?? {};
	return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
}
