// drafts: unsaved edits, kept in the storage of this tab over reloads until they are
// saved or discarded. The draft of a new key is stored under the empty name.

let owner = "";
const prefix = () => `io7.draft.${owner}.`;

// Drafts that do not fit into the storage are kept in memory.
const large = new Map();

// Selects the drafts of a mode and an account. The next user of this tab may be
// another one.
export function selectDrafts(mode, account) {
	owner = `${mode}.${account}`;
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

// The keys that have a draft.
export function draftedKeys() {
	return [...Object.keys(sessionStorage), ...large.keys()]
		.filter((name) => name.startsWith(prefix()))
		.map((name) => name.slice(prefix().length));
}
