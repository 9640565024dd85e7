import { vi } from 'vitest';
import { sealSuite } from './seal-suite.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

sealSuite('Node');
