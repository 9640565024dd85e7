import { serve } from '../serve.ts';
import { WllamaBackend } from './backend.ts';

serve(self, new WllamaBackend());
