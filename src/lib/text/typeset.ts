import temml from 'temml';
import 'temml/dist/Temml-Local.css';

const MATHML = 'http://www.w3.org/1998/Math/MathML';

/** Formulas are someone else's text: nothing in them may load, link, run or take a name in the page. */
function makeInert(root: Element): void {
	for (const element of root.querySelectorAll('*')) {
		const known = element.namespaceURI === MATHML || element.localName === 'span';
		if (!known) throw new Error(`a formula made a <${element.localName}>`);
		element.removeAttribute('id');
		for (const name of element.getAttributeNames())
			if (/^on|href|src/i.test(name)) throw new Error(`a formula made an attribute ${name}`);
	}
}

/**
 * A TeX formula as MathML, built node by node.
 * @throws temml.ParseError when the TeX is not understood
 */
export function typeset(tex: string, display: boolean): DocumentFragment {
	const host = document.createElement('span');
	temml.render(tex, host, {
		displayMode: display,
		trust: false,
		throwOnError: true,
		maxExpand: 500,
		maxSize: [30, 30]
	});
	makeInert(host);
	const fragment = document.createDocumentFragment();
	fragment.append(...host.childNodes);
	return fragment;
}
