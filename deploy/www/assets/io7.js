// The commands on a page name the address that the page came from.

for (const place of document.querySelectorAll("[data-origin]")) {
	place.textContent = location.origin;
}
