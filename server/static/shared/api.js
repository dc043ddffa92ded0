/**
 * HTTP for every screen: one error shape, one time-out, one place for tokens and keys.
 * Paths are given without the `/api/v1` prefix.
 */

const PREFIX = '/api/v1';
const TIMEOUT_MS = 8000;
const UPLOAD_MS = 600_000;

/** A refusal of the server, or the lack of an answer (`network: true`, status 0). */
export class ApiError extends Error {
  constructor({ code, message = '', status = 0, detail = {}, network = false }) {
    super(message || code);
    this.name = 'ApiError';
    Object.assign(this, { code, status, detail, network });
  }
}

/**
 * A fresh idempotency key (UUIDv4). Not `crypto.randomUUID`: browsers hide that one on plain http,
 * which is how a unit's own network usually serves the kiosk.
 */
export function newKey() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

async function readError(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // A proxy in front of the server may answer in HTML: the status alone must do.
  }
  // 502-504 come from a proxy whose server is away: for the person waiting that is "no network".
  const network = [502, 503, 504].includes(response.status) && !error.code;
  return new ApiError({
    code: error.code ?? `http_${response.status}`, message: error.message, status: response.status,
    detail: error.detail ?? {}, network,
  });
}

async function exchange(url, options, timeout) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  try {
    const response = await fetch(url, { ...options, signal: controller.signal });
    if (!response.ok) throw await readError(response);
    if (response.status === 204) return null;
    return await response.json();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    const code = error?.name === 'AbortError' ? 'timeout' : 'network';
    throw new ApiError({ code, message: String(error?.message ?? code), network: true });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A client bound to one device token or to the session cookie.
 * `onAuthLost(error)` is called on every 401, before the promise rejects with ApiError.
 */
export function createApi({ token = null, language = null, onAuthLost = null, timeout = TIMEOUT_MS } = {}) {
  const state = { token, language, csrf: null };

  function headers(method, body, key) {
    const all = { Accept: 'application/json' };
    if (state.language) all['Accept-Language'] = state.language;
    if (state.token) all.Authorization = `Bearer ${state.token}`;
    if (state.csrf && method !== 'GET') all['X-CSRF-Token'] = state.csrf;
    if (key) all['Idempotency-Key'] = key;
    if (body !== undefined) all['Content-Type'] = body instanceof Blob ? 'application/octet-stream' : 'application/json';
    return all;
  }

  async function call(method, path, body, { key, timeout: limit = timeout } = {}) {
    const options = { method, headers: headers(method, body, key), credentials: 'same-origin', cache: 'no-store' };
    if (body !== undefined) options.body = body instanceof Blob ? body : JSON.stringify(body);
    try {
      return await exchange(PREFIX + path, options, limit);
    } catch (error) {
      if (error.status === 401 && onAuthLost) onAuthLost(error);
      throw error;
    }
  }

  return {
    get: (path, options) => call('GET', path, undefined, options),
    post: (path, body = {}, options = {}) => call('POST', path, body, options),
    put: (path, body = {}, options = {}) => call('PUT', path, body, options),
    patch: (path, body = {}, options = {}) => call('PATCH', path, body, options),
    /** A file as it is; a film over a slow line takes minutes. */
    upload: (path, file, options = {}) => call('POST', path, file, { timeout: UPLOAD_MS, ...options }),
    del: (path, options) => call('DELETE', path, undefined, options),
    setToken: (value) => { state.token = value; },
    setCsrf: (value) => { state.csrf = value; },
    setLanguage: (value) => { state.language = value; },
  };
}
