// The commands on a page name the address that the page came from, and what
// stands below them is what they answer now.

for (const place of document.querySelectorAll("[data-origin]")) {
	place.textContent = location.origin;
}

for (const place of document.querySelectorAll("[data-health]")) {
	fetch("/health")
		.then((response) => response.json())
		.then((health) => {
			place.textContent = JSON.stringify(health, null, 2);
		})
		.catch(() => {
			place.textContent = "It does not answer.";
		});
}
