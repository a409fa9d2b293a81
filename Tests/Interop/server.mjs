import { createServer } from 'node:http';

// Serves on a free port until stdin closes, so that it never outlives who started it. Prints {"listening":PORT}, then one
// line per POST; `verify(body, headers)` throws when the signature is wrong.
export function serve(verify, reportedHeaders) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');

    const report = { verified: false };
    try {
      await verify(body, request.headers);
      report.verified = true;
    } catch (error) {
      report.error = error.message;
    }
    report.headers = Object.fromEntries(
      reportedHeaders.filter((name) => name in request.headers).map((name) => [name, request.headers[name]]));
    report.body = body;
    console.log(JSON.stringify(report));
    response.writeHead(report.verified ? 204 : 401).end();
  });

  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ listening: server.address().port })));
  process.stdin.resume().on('end', () => {
    server.close();
    server.closeAllConnections();
  });
}
