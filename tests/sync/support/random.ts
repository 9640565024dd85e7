import { Seeded } from './seeded.ts';

/** A seeded source of choices, and of the bytes that a server is given. */
export class Choices extends Seeded {
	bytes(length: number): Buffer {
		return Buffer.from(Array.from({ length }, () => this.whole(0, 255)));
	}

	id(): string {
		return this.bytes(16).toString('base64url');
	}
}

/** The seed of a run: SYNC_SEED repeats one that failed. */
export function seedOf(environment: Record<string, string | undefined>, otherwise: number): number {
	return Number(environment['SYNC_SEED'] ?? otherwise);
}
