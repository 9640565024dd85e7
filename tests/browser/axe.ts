import AxeBuilder from '@axe-core/playwright';

/** What axe finds on a page, shortly: the rule and where. */
export async function violations(
	page: ConstructorParameters<typeof AxeBuilder>[0]['page']
): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
