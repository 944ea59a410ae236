// overview: the first page of the dashboard, from one answer of the API.

import { find, make } from "../dom.js";
import { ask, complain, open } from "../shell.js";
import { errorsPanel } from "./errors.js";
import { historyPanel } from "./history.js";
import { keysPanel, planPanel, storagePanel, todayPanel, warnings }
	from "./panels.js";

let overview = null;

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

async function load() {
	try {
		overview = await ask("GET", "/api/dashboard/overview");
		draw();
	} catch (error) {
		complain(error, load);
	}
}

open(load);
load();
