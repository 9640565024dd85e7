/** What the device's responder is doing, as far as a waiting answer shows it. */
export interface AnswerStatus {
	kind: string;
	model?: string;
	/** From 0 to 1. */
	share?: number;
}
