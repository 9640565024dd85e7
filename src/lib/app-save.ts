/** Hands a file to the person, as a download. */
export function saveFile(name: string, file: Blob): void {
	const url = URL.createObjectURL(file);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// the download reads from the address for a while after the click
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
