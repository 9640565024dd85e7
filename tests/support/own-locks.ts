/** The lock of a device is one for the whole origin: under a name of its own each test is a device of its own. */
export function ownLocks(name: string): Pick<LockManager, 'request'> {
	return {
		request: ((_: string, options: LockOptions, work: () => Promise<unknown>) =>
			navigator.locks.request(name, options, work)) as LockManager['request']
	};
}
