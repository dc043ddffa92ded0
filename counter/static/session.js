/** Who is at this computer: login, the session of the cookie, its loss in the middle of work. */
import { signal } from 'vez/dom.js';

const RETRY_MS = 2500;
const LOST = ['not_authenticated', 'session_expired'];

/**
 * `user`: undefined while unknown, null when nobody, else `{id, username, name, role, unit}`.
 * `lost`: true when the session ended while somebody worked: the screen stays as it is behind a login.
 * `silent`: true while the very first question has had no answer.
 */
export function createSession(api) {
  const user = signal(undefined);
  const lost = signal(false);
  const silent = signal(false);

  function accept(answer) {
    api.setCsrf(answer.csrf_token);
    user.value = answer.user;
    lost.value = false;
    silent.value = false;
    return answer.user;
  }

  /** Every 401 comes by here; only one that ends a session in use opens the login over the work. */
  function refused(error) {
    if (user.peek() && LOST.includes(error.code)) lost.value = true;
  }

  async function restore() {
    try {
      accept(await api.get('/session'));
    } catch (error) {
      if (error.status === 401) { user.value = null; silent.value = false; return; }
      silent.value = true;
      setTimeout(restore, RETRY_MS);
    }
  }

  /** A POST that survives a token changed by a login in another tab: the new one is fetched, once. */
  async function post(path, body, options) {
    try {
      return await api.post(path, body, options);
    } catch (error) {
      if (error.code !== 'csrf_failed') throw error;
      accept(await api.get('/session'));
      return api.post(path, body, options);
    }
  }

  async function login(username, password) {
    return accept(await api.post('/session', { username, password }));
  }

  async function logout() {
    await api.del('/session').catch((error) => { if (error.status !== 401) throw error; });
    api.setCsrf(null);
    user.value = null;
    lost.value = false;
  }

  return { user, lost, silent, refused, restore, post, login, logout };
}
