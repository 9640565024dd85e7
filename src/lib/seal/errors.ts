/**
 * Why something could not be opened. "malformed" and "version" are about its form, "epoch" means that the
 * key of its epoch is not here, "signature" and "altered" that it is not what its author sent to this place,
 * "passphrase" that a backup does not open by this one.
 */
export type SealErrorKind = 'malformed' | 'version' | 'epoch' | 'signature' | 'altered' | 'passphrase';

export class SealError extends Error {
	override readonly name = 'SealError';
	readonly kind: SealErrorKind;

	constructor(kind: SealErrorKind, options?: ErrorOptions) {
		super(`the seal is broken: ${kind}`, options);
		this.kind = kind;
	}
}
