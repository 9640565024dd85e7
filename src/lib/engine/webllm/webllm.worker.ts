import { serve } from '../serve.ts';
import { WebllmBackend } from './backend.ts';
import { watchGpu } from './gpu.ts';
import { stayOffline } from './offline.ts';

stayOffline();
serve(self, new WebllmBackend(watchGpu()));
