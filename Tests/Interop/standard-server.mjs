// Verifies each POST with the Standard Webhooks library.
// usage: WEBHOOK_SECRET_STANDARD=whsec_... node standard-server.mjs
import { Webhook } from 'standardwebhooks';
import { serve } from './server.mjs';

const webhook = new Webhook(process.env.WEBHOOK_SECRET_STANDARD);
serve((body, headers) => webhook.verify(body, headers), ['webhook-id', 'webhook-timestamp', 'traceparent']);
