// upload: a file sent to the API, with word of how far it is, which fetch has not.

import { away, headersFor, refusal } from "./api.js";

// What is answered, as JSON; an ApiError when it is refused, an AbortError when the
// signal gives it up. onProgress: told the bytes that are sent.
export async function upload(path, file, { type, signal, onProgress }) {
	const headers = await headersFor("POST", { type });
	const request = new XMLHttpRequest();

	signal.throwIfAborted();

	return new Promise((resolve, reject) => {
		signal.addEventListener("abort", () => request.abort());
		request.upload.onprogress = ({ loaded }) => onProgress(loaded);
		request.onabort = () => reject(signal.reason);
		request.onerror = () => reject(away());
		request.onload = () => {
			if (request.status === 200)
				resolve(JSON.parse(request.responseText));
			else
				reject(refusal(request.status, (name) =>
					request.getResponseHeader(name),
				request.responseText));
		};
		request.open("POST", path);
		for (const [name, value] of Object.entries(headers))
			request.setRequestHeader(name, value);
		request.send(file);
	});
}
