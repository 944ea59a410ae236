// duration: formats a number of milliseconds.

export function duration(ms) {
	if (ms < 1000)
		return `${Math.round(ms)} ms`;
	if (ms < 60000)
		return `${(ms / 1000).toFixed(2)} s`;
	return `${Math.floor(ms / 60000)} min ${Math.floor(ms / 1000) % 60} s`;
}
