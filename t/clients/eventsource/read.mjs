// Reads event streams with npm's eventsource-parser, and prints what it saw:
// for each question a line of JSON {status, events, comments, errors}.
//
//     node read.mjs BASE KEY '[{"path": ..., "body": ...}, ...]'
import { createParser } from 'eventsource-parser';

const [base, key, questions] = process.argv.slice(2);

for (const { path, body, most } of JSON.parse(questions)) {
  const seen = { events: [], comments: 0, errors: [] };
  const parser = createParser({
    onEvent: (event) => seen.events.push(event),
    onComment: () => seen.comments++,
    onError: (error) => seen.errors.push(String(error)),
    onRetry: () => seen.errors.push('a retry that nobody sent'),
  });
  const answer = await fetch(base + path, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${key}`, Accept: 'text/event-stream' },
    body: body && JSON.stringify(body),
  });
  seen.status = answer.status;
  seen.type = answer.headers.get('content-type');
  const decoder = new TextDecoder();
  for await (const bytes of answer.body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    if (most && seen.events.length >= most) break;
  }
  console.log(JSON.stringify(seen));
}
