// The Express peer for the board and for reports: a page from memory, a report by one script.
// express.js PORT REDIS_SOCKET PAGE_FILE ENCODING
const fs = require("node:fs");
const express = require("express");
const { createClient } = require("redis");

const [port, socket, file, encoding] = process.argv.slice(2);
const page = fs.readFileSync(file);
const app = express();
app.disable("x-powered-by");

const KEEP = `
if redis.call('SET', KEYS[1], 'kept', 'NX', 'EX', 691200) then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  return redis.call('XADD', KEYS[3], '*', 'group', ARGV[1], 'open', ARGV[2])
end
return 'kept'`;

app.get("/", (request, response) => {
  response.set({ "Content-Type": "text/html; charset=utf-8", ETag: '"kept"' });
  if (encoding) response.set("Content-Encoding", encoding);
  response.send(page);
});

const redis = createClient({ socket: { path: socket } });
redis.connect().then(async () => {
  const sha = await redis.scriptLoad(KEEP);
  app.post("/report/:site", express.json(), async (request, response) => {
    const keys = [`answer:${request.get("Idempotency-Key")}`, "figures", "events"];
    const open = request.body.open;
    if (!Number.isInteger(open)) return response.status(422).json({ errors: { open: "number" } });
    const entry = await redis.evalSha(sha, { keys, arguments: [request.params.site, `${open}`] });
    return response.status(201).json({ entry });
  });
  app.listen(Number(port), "127.0.0.1", 4096);
});
