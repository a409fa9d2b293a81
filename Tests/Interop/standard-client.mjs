// Sends a message signed by the Standard Webhooks library or, under the headers that its own senders use, by Svix's.
// usage: WEBHOOK_SECRET_STANDARD=whsec_... node standard-client.mjs URL webhook|svix ID BODY [SECONDS_AGO]
import * as standard from 'standardwebhooks';
import * as svix from 'svix';
import { post } from './client.mjs';

const [url, prefix, id, body, secondsAgo = '0'] = process.argv.slice(2);
const { Webhook } = prefix === 'svix' ? svix : standard;
const at = new Date(Date.now() - 1000 * Number(secondsAgo));
const headers = {
  'Content-Type': 'application/json',
  [`${prefix}-id`]: id,
  [`${prefix}-timestamp`]: String(Math.floor(at / 1000)),
  [`${prefix}-signature`]: new Webhook(process.env.WEBHOOK_SECRET_STANDARD).sign(id, at, body),
};
console.log(JSON.stringify(await post(url, headers, body)));
