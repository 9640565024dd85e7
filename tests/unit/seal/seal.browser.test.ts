import { sealSuite } from './seal-suite.ts';

sealSuite('Chromium');
