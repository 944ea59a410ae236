// drafts: edits that are not saved, kept in this tab, whatever happens to the page,
// until they are saved or let go. Those of a new key stand under no key at all.

let whose = "";
const prefix = () => `io7.draft.${whose}.`;

// Where the tab's storage has no room for them, the page still has.
const large = new Map();

// From now on those of this mode of that account are meant: who comes next to this
// tab may be somebody else.
export function useDraftsOf(mode, account) {
	whose = `${mode}.${account}`;
}

export function keepDraft(key, draft) {
	const name = prefix() + key;
	const text = JSON.stringify(draft);

	try {
		sessionStorage.setItem(name, text);
		large.delete(name);
	} catch {
		sessionStorage.removeItem(name);
		large.set(name, text);
	}
}

// { key, text, etag }, or null.
export function draftOf(key) {
	const name = prefix() + key;

	return JSON.parse(sessionStorage.getItem(name) ?? large.get(name) ?? "null");
}

export function dropDraft(key) {
	sessionStorage.removeItem(prefix() + key);
	large.delete(prefix() + key);
}

// The keys that have one, in this mode.
export function draftedKeys() {
	return [...Object.keys(sessionStorage), ...large.keys()]
		.filter((name) => name.startsWith(prefix()))
		.map((name) => name.slice(prefix().length));
}
