import { concat, readUint32, uint32, type Bytes } from './bytes.ts';
import { SealError } from './errors.ts';

const LEAST = 256;
const LENGTH_BYTES = 4;

/** The size that bytes of this length are filled to, their length field included (E4). */
export function paddedSize(length: number): number {
	const size = length + LENGTH_BYTES;
	if (size <= LEAST) return LEAST;
	// Padmé: the longer, the coarser, so that a size tells little more than its order of magnitude
	const exponent = Math.floor(Math.log2(size));
	const unit = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1);
	return Math.ceil(size / unit) * unit;
}

export function pad(bytes: Bytes): Bytes {
	return concat(
		uint32(bytes.length),
		bytes,
		new Uint8Array(paddedSize(bytes.length) - LENGTH_BYTES - bytes.length)
	);
}

/** @throws SealError malformed */
export function unpad(padded: Bytes): Bytes {
	if (padded.length < LEAST) throw new SealError('malformed');
	const length = readUint32(padded, 0);
	const end = LENGTH_BYTES + length;
	if (end > padded.length || paddedSize(length) !== padded.length) throw new SealError('malformed');
	for (let at = end; at < padded.length; at++) if (padded[at] !== 0) throw new SealError('malformed');
	return padded.subarray(LENGTH_BYTES, end);
}
