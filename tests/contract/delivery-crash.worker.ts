/** A download in a thread that the test can kill at any moment, as a crash would. */
import { deliver, gguf, never } from './delivery-harness.ts';

self.onmessage = ({ data: modelHost }: MessageEvent<string>) => {
	// a thread has no right to ask for persistence
	void deliver(modelHost, { storage: undefined }).download(gguf, { signal: never });
};
