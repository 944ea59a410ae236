// The key that calls are tried with. It lives in this tab's sessionStorage, one
// for each mode, where the dashboard keeps it too; it is shown by its ends alone.

const SHAPE = /^(test|live)_io7_[0-9a-f]{32}$/;
const read = (name) => sessionStorage.getItem(`io7.${name}`);

export const changed = new EventTarget();

// The mode that was chosen last, unless only the other one has a key.
export function mode() {
	const said = read("mode") === "test" ? "test" : "live";
	const other = said === "test" ? "live" : "test";

	return !read(`key.${said}`) && read(`key.${other}`) ? other : said;
}

export function key() {
	return read(`key.${mode()}`);
}

export function ends() {
	return `${key().slice(0, 12)}…${key().slice(-4)}`;
}

function keep(text) {
	const of = text.slice(0, 4);

	sessionStorage.setItem(`io7.key.${of}`, text);
	sessionStorage.setItem("io7.mode", of);
}

function forget() {
	for (const of of ["live", "test"])
		sessionStorage.removeItem(`io7.key.${of}`);
}

export function watch_form() {
	const field = document.getElementById("key-field");
	const state = document.getElementById("key-state");
	const show = () => {
		state.textContent = key()
			? `Calls are tried with ${ends()}, on ${mode()} data.`
			: "There is no key yet.";
		state.className = "";
		field.removeAttribute("aria-invalid");
		field.value = "";
		changed.dispatchEvent(new Event("change"));
	};

	document.getElementById("key-form").addEventListener("submit", (event) => {
		const text = field.value.trim();

		event.preventDefault();
		if (SHAPE.test(text)) {
			keep(text);
			show();
			return;
		}
		state.textContent = "That is not the shape of a key. Copy all of it.";
		state.className = "wrong";
		field.setAttribute("aria-invalid", "true");
	});
	document.getElementById("key-forget").addEventListener("click", () => {
		forget();
		show();
	});
	show();
}
