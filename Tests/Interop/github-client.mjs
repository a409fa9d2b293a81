// Sends GitHub's example payloads as GitHub does, signed by Octokit: one, or every one that there is.
// usage: WEBHOOK_SECRET_GITHUB=... node github-client.mjs URL EVENT [INDEX] [DELIVERY]
//        WEBHOOK_SECRET_GITHUB=... node github-client.mjs URL --all
import { randomUUID } from 'node:crypto';
import { Webhooks } from '@octokit/webhooks';
import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { post } from './client.mjs';

const webhooks = new Webhooks({ secret: process.env.WEBHOOK_SECRET_GITHUB });

async function send(url, event, payload, delivery) {
  const body = JSON.stringify(payload);
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'GitHub-Hookshot/0123abc',
    'X-GitHub-Delivery': delivery,
    'X-GitHub-Event': event,
    'X-Hub-Signature-256': await webhooks.sign(body),
  };
  return { event, delivery, ...(await post(url, headers, body)) };
}

const [url, event, index = '0', delivery = randomUUID()] = process.argv.slice(2);
if (event === '--all') {
  const all = examples.flatMap(({ name, examples }) => examples.map((payload) => () => send(url, name, payload, randomUUID())));
  const answers = [];
  while (all.length > 0) answers.push(...(await Promise.all(all.splice(0, 32).map((start) => start()))));
  console.log(JSON.stringify(answers));
} else {
  const payload = examples.find(({ name }) => name === event)?.examples[Number(index)];
  if (!payload) throw new Error(`there is no example ${index} of the event '${event}'`);
  console.log(JSON.stringify(await send(url, event, payload, delivery)));
}
