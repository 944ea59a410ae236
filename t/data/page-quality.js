// Checks of the quality of a page, added to it by t/lib/Io7/PageQuality.pm. Each
// function returns its findings as sentences.

(() => {
const every = (selector, root = document) =>
	[...root.querySelectorAll(selector)];
const is_shown = (one) => one.checkVisibility({ visibilityProperty: true });
const shown = (selector) => every(selector).filter(is_shown);
const brief = (one) => one.outerHTML.replace(/\s+/g, " ").slice(0, 160);
const width = () => document.documentElement.clientWidth;

// --- The document -------------------------------------------------------------

function head() {
	const view = document.querySelector("meta[name=viewport]")?.content ?? "";

	return [
		document.documentElement.lang ? null : "the document has no language",
		document.title.trim() ? null : "the document has no title",
		/width=device-width/.test(view) ? null : "the viewport does not fit phones",
		/user-scalable|maximum-scale/.test(view) ? "zooming is disabled" : null,
	];
}

function headings() {
	const ranks = shown("h1, h2, h3, h4, h5, h6").map((one) =>
		[Number(one.tagName[1]), brief(one)]);
	const firsts = ranks.filter(([rank]) => rank === 1).length;

	return [
		firsts === 1 ? null : `the page has ${firsts} headings of level 1`,
		...ranks.map(([rank, text], i) => rank > (ranks[i - 1]?.[0] ?? 0) + 1
			? `a heading level is skipped before ${text}` : null),
	];
}

const named = (one) => one.getAttribute("aria-label")
	?? document.getElementById(one.getAttribute("aria-labelledby"))?.textContent;

function landmarks() {
	const inner = "main, article, section, aside, nav";
	const mains = shown("main, [role=main]").length;
	const banners = shown("header, [role=banner]")
		.filter((one) => !one.parentElement.closest(inner)).length;
	const navs = shown("nav, [role=navigation]").map(named);

	return [
		mains === 1 ? null : `the page has ${mains} main elements`,
		banners === 1 ? null : `the page has ${banners} banners`,
		navs.every(Boolean) ? null : "a nav has no name",
		new Set(navs).size === navs.length ? null
			: "two navs have the same name",
	];
}

function elements() {
	const ids = every("[id]").map((one) => one.id);
	const twice = ids.filter((id, i) => ids.indexOf(id) !== i);

	return [
		...twice.map((id) => `duplicate id ${id}`),
		...every("img:not([alt])").map((one) => `image without alt: ${brief(one)}`),
		...every("[tabindex]").filter((one) => one.tabIndex > 0)
			.map((one) => `positive tabindex: ${brief(one)}`),
	];
}

function sideways() {
	const wide = document.documentElement.scrollWidth;

	if (wide <= width())
		return [];
	return [`the page is ${wide} pixels wide on a screen of ${width()}`, ...shown("body *")
		.filter((one) => one.getBoundingClientRect().right > width() + 1
			&& !one.parentElement.closest(".wide, .scroll, pre"))
		.slice(0, 3).map((one) => `too wide: ${brief(one)}`)];
}

// Text that is cut off and cannot be scrolled to.
function cut() {
	return shown("body *").filter((one) => {
		const style = getComputedStyle(one);
		const hides = (axis) => ["hidden", "clip"]
			.includes(style[`overflow${axis}`]);

		return one.closest(".unseen, svg, dialog:not([open])") === null
			&& one.innerText?.trim() && style.textOverflow !== "ellipsis"
			&& (hides("X") && one.scrollWidth > one.clientWidth + 1
			|| hides("Y") && one.scrollHeight > one.clientHeight + 1);
	}).map((one) => `text is cut off: ${brief(one)}`);
}

// --- Touch targets ------------------------------------------------------------

const pressed = "a[href], button, input, select, textarea, summary,"
	+ " [role=button]";

// The label of a radio button or checkbox is its target too.
function place(one) {
	const of = one.matches("[type=radio], [type=checkbox], [type=file]")
		? one.labels[0] ?? one : one;

	return of.getBoundingClientRect();
}

function is_in_text(one) {
	return one.matches("a") && getComputedStyle(one).display === "inline"
		&& [...one.parentElement.childNodes].some((node) =>
			node.nodeType === 3 && node.textContent.trim());
}

// Whether a circle of 24 pixels around its center touches another target.
function is_crowded(one, others) {
	const { x, y, width: w, height: h } = one.getBoundingClientRect();

	return others.some((other) => {
		const { left, right, top, bottom } = place(other);
		const dx = x + w / 2 - Math.min(Math.max(x + w / 2, left), right);
		const dy = y + h / 2 - Math.min(Math.max(y + h / 2, top), bottom);

		return other !== one && Math.hypot(dx, dy) < 12;
	});
}

function targets() {
	const all = shown(pressed).filter((one) => place(one).width > 1
		&& place(one).right > 0);

	return all.filter((one) => is_in_text(one) ? is_crowded(one, all)
		: place(one).height < 43.5 || place(one).width < 24)
		.map((one) => `${Math.round(place(one).width)} x ${Math.round(
			place(one).height)} is a small target: ${brief(one)}`);
}

// --- The keyboard -------------------------------------------------------------

const clicked = new Set();
const focused = [];
const plain = new Map();

const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (kind, ...rest) {
	if (kind === "click" && this instanceof Element)
		clicked.add(this);
	return listen.call(this, kind, ...rest);
};

function is_chosen(one) {
	const group = every(`[type=radio][name="${one.name}"]`,
		one.form ?? document);

	return one.checked || group[0] === one && !group.some((r) => r.checked);
}

// The elements where Tab should stop, in order; those of an open dialog, if any.
function stops() {
	const root = every("dialog:modal").pop() ?? document;

	return every("a[href], button, input, select, textarea, summary,"
		+ " [tabindex]", root).filter((one) => is_shown(one)
		&& !one.disabled && one.tabIndex >= 0 && !one.closest("[inert]")
		&& (one.type !== "radio" || is_chosen(one)));
}

// The styles that can show the focus: of the element, its label or its box.
function look(one) {
	return [one, one.nextElementSibling, one.parentElement,
		one.closest("label, fieldset, li")]
		.filter(Boolean).map((of) => {
			const style = getComputedStyle(of);

			return [style.outlineStyle, style.outlineWidth, style.boxShadow,
				style.borderColor, style.backgroundColor,
				style.textDecorationLine].join();
		}).join("; ");
}

function is_in_sight(one) {
	const of = one.matches("[type=radio], [type=checkbox], [type=file]")
		? one.labels[0] ?? one : one;
	const { left, right, top, bottom } = of.getBoundingClientRect();

	return right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
}

function note({ target }) {
	focused.push({ target, is_seen: look(target) !== plain.get(target),
		is_in_sight: is_in_sight(target) });
}

// Starts to record where the focus goes. Without a focus the walk begins before the
// first stop, else at the first one, or at the last one to go back. Returns how often
// Tab must be pressed.
async function begin_walk(back) {
	const all = stops();
	const isNowhere = document.activeElement === document.body;

	document.removeEventListener("focusin", note);
	document.activeElement.blur();
	for (const one of all)
		plain.set(one, look(one));
	focused.length = 0;
	listen.call(document, "focusin", note);
	if (isNowhere && !back)
		return all.length;
	all.at(back ? -1 : 0).focus();
	return all.length - 1;
}

const scrolls = (one) => one.scrollHeight > one.clientHeight
	|| one.scrollWidth > one.clientWidth;

// The findings after the walk. Chromium also stops at boxes that scroll.
async function walked(back) {
	const should = back ? stops().reverse() : stops();
	const been = focused.filter(({ target }) => should.includes(target)
		|| !scrolls(target));
	const astray = been.findIndex(({ target }, i) => target !== should[i]);

	return [
		astray >= 0 ? `Tab goes to ${brief(been[astray].target)} instead of `
			+ (should[astray] ? brief(should[astray]) : "nothing") : null,
		been.length < should.length && astray < 0
			? `Tab never reaches ${brief(should[been.length])}` : null,
		...been.filter((one) => !one.is_seen).map(({ target }) =>
			`the focus is not visible at ${brief(target)}`),
		...been.filter((one) => !one.is_in_sight).map(({ target }) =>
			`the focus is outside the window at ${brief(target)}`),
	].filter(Boolean);
}

// Elements that react to the mouse only. A canvas is excluded: its content is also
// shown as text.
async function mouse_only() {
	const reached = every("a[href], button, input, select, textarea, summary,"
		+ " label, option, [tabindex]");
	const is_reached = (one) => reached.some((stop) => stop.contains(one)
		|| one.contains(stop) && clicked.has(one));

	return shown("body :not(canvas)").filter((one) => (clicked.has(one)
		|| getComputedStyle(one).cursor === "pointer") && !is_reached(one))
		.map((one) => `only the mouse can click ${brief(one)}`);
}

// --- Loading ------------------------------------------------------------------

// The number of bytes loaded, and the paths of the API requests.
function weight() {
	const got = performance.getEntries().filter((one) =>
		["navigation", "resource"].includes(one.entryType));
	const paths = got.map(({ name }) => new URL(name).pathname);

	return {
		bytes: got.reduce((sum, one) => sum + one.transferSize, 0),
		calls: paths.slice(1).filter((path) =>
			!/^\/assets\/|\.(json|svg|txt|ico)$/.test(path)),
	};
}

// The cumulative layout shift.
function shift() {
	return new Promise((resolve) => {
		let sum = 0;
		const observer = new PerformanceObserver((list) => {
			for (const { value, hadRecentInput } of list.getEntries())
				sum += hadRecentInput ? 0 : value;
		});

		observer.observe({ type: "layout-shift", buffered: true });
		requestAnimationFrame(() => requestAnimationFrame(() =>
			setTimeout(() => resolve(sum), 0)));
	});
}

// Resolves when nothing has changed for a while and no element is busy.
function settled() {
	return new Promise((resolve) => {
		let timer = null;
		const observer = new MutationObserver(wait);

		function wait() {
			clearTimeout(timer);
			timer = setTimeout(done, 200);
		}

		function done() {
			if (document.readyState !== "complete"
			    || document.querySelector("[aria-busy=true]")) {
				wait();
				return;
			}
			observer.disconnect();
			resolve(true);
		}

		observer.observe(document, { subtree: true, childList: true,
			attributes: true, characterData: true });
		wait();
	});
}

// --- Preferences --------------------------------------------------------------

// Elements that move although reduced motion is preferred.
function motion() {
	const moves = (time) => time.split(",").some((t) => parseFloat(t) > 0.011);

	return every("body *").filter((one) => {
		const style = getComputedStyle(one);

		return moves(style.transitionDuration)
			|| moves(style.animationDuration)
			|| style.scrollBehavior === "smooth";
	}).map((one) => `moves: ${brief(one)}`);
}

// With forced colours the chosen mode, the current page and the colours of the chart
// must still be distinguishable.
function few_colours() {
	const look = (one) => {
		const { backgroundColor, borderStyle, borderWidth, outlineStyle,
			fontWeight, textDecorationLine, textDecorationThickness }
			= getComputedStyle(one);
		const seen = /, 0\)$/.test(backgroundColor)
			? getComputedStyle(document.body).backgroundColor
			: backgroundColor;

		return [seen, borderStyle, borderWidth, outlineStyle, fontWeight,
			textDecorationLine, textDecorationThickness].join();
	};
	const tells = (chosen, other) => !chosen || !other
		|| look(chosen) !== look(other);
	const swatches = shown(".legend li").map((one) =>
		getComputedStyle(one, "::before").backgroundColor);

	return [
		...every(".modes").map((one) => tells(
			one.querySelector("input:checked + span"),
			one.querySelector("input:not(:checked) + span")) ? null
			: "the chosen mode is not visible"),
		...every("nav").map((one) => tells(
			one.querySelector("a[aria-current]"),
			one.querySelector("a:not([aria-current])")) ? null
			: "the current page is not visible"),
		new Set(swatches).size === swatches.length ? null
			: "two colours of the legend are equal",
		...shown("progress").map((one) => getComputedStyle(one)
			.forcedColorAdjust === "none"
			|| getComputedStyle(one).appearance !== "none" ? null
			: `a bar without a colour: ${brief(one)}`),
	];
}

window.quality = {
	settled, weight, shift, begin_walk, walked, mouse_only, motion: async () => motion(),
	few_colours: async () => few_colours().filter(Boolean),
	sideways: async () => [...sideways(), ...cut()],
	page: async () => [head, headings, landmarks, elements, sideways, cut,
		...(width() < 400 ? [targets] : [])]
		.flatMap((check) => check()).filter(Boolean),
};
})();
