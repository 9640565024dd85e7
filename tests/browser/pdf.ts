/** PDF files for tests, written byte by byte. */

/** A PDF of one page for each text; a text of nothing makes a page without words, as of a scan. */
export function writePdf(pages: readonly string[], trailer = ''): Buffer {
	const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(' ');
	const objects = [
		'<< /Type /Catalog /Pages 2 0 R >>',
		`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
		...pages.flatMap((text, index) => {
			const content = text ? `BT /F1 12 Tf 72 720 Td (${text}) Tj ET` : '0 0 100 100 re f';
			const page = `/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]`;
			return [
				`<< ${page} /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + index * 2} 0 R >>`,
				`<< /Length ${content.length} >>\nstream\n${content}\nendstream`
			];
		})
	];
	let file = '%PDF-1.4\n';
	const offsets = objects.map((object, index) => {
		const offset = file.length;
		file += `${index + 1} 0 obj\n${object}\nendobj\n`;
		return offset;
	});
	const start = file.length;
	const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
	file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
	file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`;
	return Buffer.from(file, 'latin1');
}

/** A PDF that wants a password which nobody knows. */
export function writeLockedPdf(): Buffer {
	const key = '00'.repeat(32);
	const lock = `<< /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >>`;
	return writePdf(['Secret'], `/ID [<${'00'.repeat(16)}> <${'00'.repeat(16)}>] /Encrypt ${lock}`);
}
