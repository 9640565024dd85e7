import { sealSuite } from './seal-suite.ts';

sealSuite('Node');
