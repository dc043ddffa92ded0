/** Telling an attendant who looks elsewhere that somebody has come: the title of the window, and a notification. */
import { signal } from 'vez/dom.js';

/** `state`: default (may be asked), granted, denied, unsupported. Insecure pages (plain http) count as unsupported. */
export function createNotifier() {
  const supported = 'Notification' in globalThis && globalThis.isSecureContext;
  const state = signal(supported ? Notification.permission : 'unsupported');
  return {
    state,
    async ask() {
      state.value = await Notification.requestPermission();
    },
    /** Shows nothing while the page is looked at: the queue itself is in sight then. */
    show(title, body) {
      if (state.peek() !== 'granted' || (document.visibilityState === 'visible' && document.hasFocus())) return;
      try {
        const note = new Notification(title, { body, tag: 'vez-queue', icon: '/static/shared/icon.svg' });
        note.onclick = () => { globalThis.focus(); note.close(); };
      } catch {
        // Some browsers allow notifications only from a service worker: the title still counts.
        state.value = 'unsupported';
      }
    },
  };
}
