// overview: the first page of the dashboard, from one answer of the API.

import { usesKeys } from "../api.js";
import { find, make } from "../dom.js";
import { ask, complain, open } from "../shell.js";
import { errorsPanel } from "./errors.js";
import { historyPanel } from "./history.js";
import { keysPanel, planPanel, storagePanel, todayPanel, warnings }
	from "./panels.js";

let overview = null;
let round = 0;

function showLoading() {
	find("greeting").textContent = "";
	find("content").replaceChildren(make("p", { class: "soft" }, "Loading…"));
	find("content").setAttribute("aria-busy", "true");
}

function draw() {
	if (!overview)
		return;
	find("greeting").textContent = overview.user.name;
	find("content").replaceChildren(...warnings(overview),
		make("div", { class: "panels" }, todayPanel(overview),
			storagePanel(overview), planPanel(overview)),
		historyPanel(overview), errorsPanel(overview),
		keysPanel(overview));
	find("content").setAttribute("aria-busy", "false");
}

// What is asked for last is shown.
async function load() {
	const mine = ++round;

	try {
		const said = await ask("GET", "/api/dashboard/overview");

		if (mine !== round)
			return;
		overview = said;
		draw();
	} catch (error) {
		if (mine === round)
			complain(error, load);
	}
}

// A session's answer tells of both modes; a key's of its own.
open(() => {
	if (usesKeys())
		showLoading();
	else
		draw();
	load();
});
load();
