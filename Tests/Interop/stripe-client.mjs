// Sends an event as Stripe does, signed by its library with each of the secrets, as Stripe does while one is being rolled.
// usage: WEBHOOK_SECRET_STRIPE="whsec_... whsec_..." node stripe-client.mjs URL EVENT_ID [SECONDS_AGO]
import { readFile } from 'node:fs/promises';
import Stripe from 'stripe';
import { post } from './client.mjs';

const [url, id, secondsAgo = '0'] = process.argv.slice(2);
const event = JSON.parse(await readFile(new URL('payloads/payment_intent.succeeded.json', import.meta.url)));
const payload = JSON.stringify({ ...event, id }, null, 2);
const timestamp = Math.floor(Date.now() / 1000) - Number(secondsAgo);
const stripe = new Stripe('sk_test_unused');
const signatures = process.env.WEBHOOK_SECRET_STRIPE.split(' ').map((secret) =>
  stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }).split(',')[1]);
const headers = {
  'Content-Type': 'application/json; charset=utf-8',
  'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
  'Stripe-Signature': [`t=${timestamp}`, ...signatures, `v0=${'0'.repeat(64)}`].join(','),
};
console.log(JSON.stringify(await post(url, headers, payload)));
