// Verifies requests with npm's standardwebhooks, and prints for each a line of JSON:
// the value of the body, or {error}.
//
//     node verify.mjs '[{"secret": ..., "headers": ..., "body": BASE64}, ...]'
import { Webhook } from 'standardwebhooks';

for (const { secret, headers, body } of JSON.parse(process.argv[2])) {
  const text = Buffer.from(body, 'base64').toString();
  try {
    console.log(JSON.stringify(new Webhook(secret).verify(text, headers)));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message }));
  }
}
