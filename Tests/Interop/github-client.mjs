// Sends one of GitHub's example payloads as GitHub does, signed by Octokit.
// usage: WEBHOOK_SECRET_GITHUB=... node github-client.mjs URL EVENT [INDEX] [DELIVERY]
import { randomUUID } from 'node:crypto';
import { Webhooks } from '@octokit/webhooks';
import examples from '@octokit/webhooks-examples' with { type: 'json' };

const [url, event, index = '0', delivery = randomUUID()] = process.argv.slice(2);
const payload = examples.find(({ name }) => name === event)?.examples[Number(index)];
if (!payload) throw new Error(`there is no example ${index} of the event '${event}'`);

const body = JSON.stringify(payload);
const webhooks = new Webhooks({ secret: process.env.WEBHOOK_SECRET_GITHUB });
const response = await fetch(url, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    'User-Agent': 'GitHub-Hookshot/0123abc',
    'X-GitHub-Delivery': delivery,
    'X-GitHub-Event': event,
    'X-Hub-Signature-256': await webhooks.sign(body),
  },
  body,
});
console.log(JSON.stringify({ status: response.status, body: await response.text(), delivery }));
