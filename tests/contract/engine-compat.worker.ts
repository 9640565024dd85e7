import './engine-without-jspi.ts';
import '#lib/engine/wllama/wllama.worker.ts';
