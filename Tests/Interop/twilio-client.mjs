// Sends fields as Twilio does, signed by its library: as a form, or as JSON whose hash the URL carries.
// usage: WEBHOOK_SECRET_TWILIO=... node twilio-client.mjs URL form|json FIELDS [SIGNED_URL]
import twilio from 'twilio';
import { post } from './client.mjs';

const [base, kind, fields, signedUrl] = process.argv.slice(2);
const token = process.env.WEBHOOK_SECRET_TWILIO;
const params = JSON.parse(fields);
const isForm = kind === 'form';
const body = isForm
  ? new URLSearchParams(Object.entries(params).flatMap(([name, value]) => [value].flat().map((each) => [name, each]))).toString()
  : fields;
const withHash = (url) => (isForm ? url : `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${twilio.getExpectedBodyHash(body)}`);
const headers = {
  'Content-Type': isForm ? 'application/x-www-form-urlencoded; charset=UTF-8' : 'application/json',
  'User-Agent': 'TwilioProxy/1.1',
  'X-Twilio-Signature': twilio.getExpectedTwilioSignature(token, withHash(signedUrl ?? base), isForm ? params : {}),
};
console.log(JSON.stringify(await post(withHash(base), headers, body)));
