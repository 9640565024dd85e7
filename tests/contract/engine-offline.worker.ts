import './engine-without-network.ts';
import '#lib/engine/wllama/wllama.worker.ts';
