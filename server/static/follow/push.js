/** The phone page's worker: shows a call that was pushed, and brings the page back when it is tapped. Keeps nothing. */
self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('push', (event) => {
  let call;
  try { call = event.data.json(); } catch { return; } // not from us: RFC 8291 lets nobody else be read
  event.waitUntil(self.registration.showNotification(call.title, {
    body: call.body,
    lang: call.lang,
    tag: call.tag, // a second call replaces the first
    renotify: true,
    requireInteraction: true,
    vibrate: [500, 200, 500, 200, 800],
    data: { url: call.url },
  }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { pathname, href } = new URL(event.notification.data.url, self.location.origin);
  event.waitUntil((async () => {
    const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const open = pages.find((page) => new URL(page.url).pathname === pathname);
    return open ? open.focus() : self.clients.openWindow(href);
  })());
});
