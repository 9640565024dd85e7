/** What the device's responder is doing, for every tab to show. Shares are from 0 to 1. */
export type ResponderStatus =
	| { kind: 'idle' }
	/** An answer waits, and no model is chosen. */
	| { kind: 'no-model' }
	/** An answer waits, and the chosen model's files are not on the device (any more). */
	| { kind: 'not-here'; model: string }
	| { kind: 'loading'; model: string; share: number }
	/** What does not fit any more is being summarised, before an answer. */
	| { kind: 'summarising'; model: string; share: number }
	/** A model is in memory; `detail` is what it really runs on. */
	| { kind: 'ready'; model: string; device: 'gpu' | 'cpu' | 'browser'; detail: string };
