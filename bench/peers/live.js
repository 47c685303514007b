// The Node peer for streams: `http`, one Redis subscription, one write for each open page.
// live.js PORT REDIS_SOCKET CHANNEL PAGE_FILE
const http = require("node:http");
const fs = require("node:fs");
const { createClient } = require("redis");

const [port, socket, channel, file] = process.argv.slice(2);
const page = fs.readFileSync(file);
const streams = new Set();

const server = http.createServer((request, response) => {
  if (request.url.startsWith("/live")) {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.flushHeaders();
    streams.add(response);
    response.on("close", () => streams.delete(response));
  } else {
    response.writeHead(200, { "Content-Type": "text/html", "Content-Length": page.length });
    response.end(page);
  }
});
server.keepAliveTimeout = 60_000;

const redis = createClient({ socket: { path: socket } });
redis.connect().then(async () => {
  await redis.subscribe(channel, (message) => {
    for (const response of streams) response.write(message);
  });
  server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
});
