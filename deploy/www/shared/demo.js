// demo: the public test key of a private stack (make run), from /demo.json. On a
// real site that file holds an empty object.

let request = null;

async function fetchDemo() {
	try {
		const answer = await fetch("/demo.json");
		const { url, test_key: key } = await answer.json();

		return key ? { url, key } : null;
	} catch {
		return null;
	}
}

// The stack's plain HTTP URL and the key; null if there is no demo.
export function demo() {
	request ??= fetchDemo();
	return request;
}
