// The service worker. It adds the headers that give the page threads (COOP and COEP), and keeps what the page needs for work without
// a network. The page's own files are asked for first at the server; the runtime and the models only when they are not kept yet:
// their names change with their contents (the version here, the sum in a model's address).

const CACHE = "impasto-ort-1.30.0";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name.startsWith("impasto-") && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const isOurs = request.url.startsWith(self.registration.scope);
  if (request.method === "GET" && isOurs) event.respondWith(answer(request));
});

self.addEventListener("message", (event) => {
  const keepAll = async () => {
    let kept = true;
    for (const file of event.data.keep) {
      const address = new URL(file, self.registration.scope).href;
      const found = await (await caches.open(CACHE)).match(address);
      if (!found) kept = (await fromServer(address).catch(() => null))?.ok && kept;
    }
    event.ports[0].postMessage(Boolean(kept));
  };
  event.waitUntil(keepAll());
});

/** Whether what stands at an address never changes. */
const isFixed = (address) => /\/ort\/[^/]+$/.test(address.pathname) || (/\/models\//.test(address.pathname) && address.search);

async function answer(request) {
  const address = new URL(request.url);
  // The page is the same whatever stands behind its `?`.
  const key = request.mode === "navigate" ? self.registration.scope : request.url;
  const kept = () => caches.open(CACHE).then((cache) => cache.match(key));
  if (isFixed(address)) {
    const found = await kept();
    if (found) return isolated(found);
  }
  try {
    return isolated(await fromServer(request, key));
  } catch (error) {
    const found = await kept();
    if (found) return isolated(found);
    throw error;
  }
}

/** Ask the server, and keep its answer. */
async function fromServer(request, key = request.url ?? request) {
  const response = await fetch(request);
  if (response.status === 200 && !response.redirected) {
    const cache = await caches.open(CACHE);
    await forgetOlder(cache, new URL(key));
    await cache.put(key, response.clone()).catch(() => {}); // The disk may be full: then there is no work without a network.
  }
  return response;
}

/** Models of the same name with other contents. */
async function forgetOlder(cache, address) {
  if (!address.search) return;
  for (const old of await cache.keys(address.href, { ignoreSearch: true })) if (old.url !== address.href) await cache.delete(old);
}

function isolated(response) {
  if (response.status === 0 || response.type === "opaqueredirect") return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
