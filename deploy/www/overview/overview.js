// overview: the first page of the dashboard, drawn from one answer of the API.

import { usesKeys } from "../api.js";
import { find, make } from "../dom.js";
import { ask, showError, open } from "../shell.js";
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

// If answers arrive out of order, the last request wins.
async function load() {
	const mine = ++round;

	try {
		const answer = await ask("GET", "/api/dashboard/overview");

		if (mine !== round)
			return;
		overview = answer;
		draw();
	} catch (error) {
		if (mine === round)
			showError(error, load);
	}
}

// The answer to a session covers both modes, the one to a key only its own.
open(() => {
	if (usesKeys())
		showLoading();
	else
		draw();
	load();
});
load();
