// upload: sends a file and reports progress, which fetch cannot.

import { errorFrom, headersFor, unreachable } from "./api.js";

// Resolves to the answer's JSON. Rejects with an ApiError, or with an AbortError if
// the signal aborts it. onProgress receives the number of bytes sent.
export async function upload(path, file, { type, signal, onProgress }) {
	const headers = await headersFor("POST", { type });
	const request = new XMLHttpRequest();

	signal.throwIfAborted();

	return new Promise((resolve, reject) => {
		signal.addEventListener("abort", () => request.abort());
		request.upload.onprogress = ({ loaded }) => onProgress(loaded);
		request.onabort = () => reject(signal.reason);
		request.onerror = () => reject(unreachable());
		request.onload = () => {
			if (request.status === 200)
				resolve(JSON.parse(request.responseText));
			else
				reject(errorFrom(request.status, (name) =>
					request.getResponseHeader(name),
				request.responseText));
		};
		request.open("POST", path);
		for (const [name, value] of Object.entries(headers))
			request.setRequestHeader(name, value);
		request.send(file);
	});
}
