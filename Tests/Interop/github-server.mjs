// Verifies each POST with Octokit.
// usage: WEBHOOK_SECRET_GITHUB=... node github-server.mjs
import { Webhooks } from '@octokit/webhooks';
import { serve } from './server.mjs';

const webhooks = new Webhooks({ secret: process.env.WEBHOOK_SECRET_GITHUB });

async function verify(body, headers) {
  if (!(await webhooks.verify(body, headers['x-hub-signature-256'] ?? ''))) throw new Error('the signature does not match');
}

serve(verify, ['x-github-event', 'x-github-delivery', 'traceparent']);
