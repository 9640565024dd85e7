// PDF.js starts by itself when it finds that it is in a worker
import 'pdfjs-dist/build/pdf.worker.min.mjs';
